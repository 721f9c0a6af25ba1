import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { tablerIcons } from "./tablerIcons.ts";

// jsdom has no layout, and it does not know <search>.
const EXPECTED = ["of chart should be greater than 0", "The tag <search> is unrecognized"];

export default defineConfig({
  plugins: [tablerIcons(), react()],
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/vitest.setup.ts"],
    isolate: false, // a document of its own for each file costs more than the tests
    testTimeout: 120_000,
    onConsoleLog: (log) => !EXPECTED.some((each) => log.includes(each)),
    restoreMocks: true,
    unstubGlobals: true,
  },
});
