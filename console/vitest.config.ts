import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { tablerIcons } from "./tablerIcons.ts";

export default defineConfig({
  plugins: [tablerIcons(), react()],
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/vitest.setup.ts"],
    isolate: false,
    restoreMocks: true,
    unstubGlobals: true,
  },
});
