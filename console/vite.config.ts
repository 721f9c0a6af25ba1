import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vite";
import { tablerIcons } from "./tablerIcons.ts";

const MOUNT = "/admin/integrations/";
const API = process.env.LATCHHOOK_URL ?? "http://localhost:8787"; // what `make run` says

// The function that serves the files answers with one of the two; nobody reads the plain ones.
function precompressed(): Plugin {
  return {
    name: "precompressed",
    apply: "build",
    async writeBundle({ dir = "" }, bundle) {
      for (const name of Object.keys(bundle).filter((each) => each.startsWith("assets/"))) {
        const content = await readFile(join(dir, name));
        const params = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
        await writeFile(join(dir, `${name}.br`), brotliCompressSync(content, { params }));
        await writeFile(join(dir, `${name}.gz`), gzipSync(content, { level: 9 }));
        await rm(join(dir, name));
      }
    },
  };
}

function servedAtMount(): Plugin {
  return {
    name: "served-at-mount",
    apply: "serve",
    configureServer(server) {
      server.middlewares.use((request, _, next) => {
        const url = request.url ?? "";
        if (`${url.split("?")[0]}/` === MOUNT) request.url = url.replace(/[^?]*/, MOUNT);
        next();
      });
    },
    transformIndexHtml: (html) => html.replace('href="./"', `href="${MOUNT}"`),
  };
}

export default defineConfig(({ command }) => ({
  base: command === "build" ? "./" : MOUNT,
  html: command === "build" ? { cspNonce: "{{nonce}}" } : {},
  plugins: [tablerIcons(), react(), precompressed(), servedAtMount()],
  build: { target: "baseline-widely-available", assetsInlineLimit: 0, reportCompressedSize: false },
  server: {
    host: "127.0.0.1",
    proxy: { "^(?!/admin/integrations(/(?!config.json)|[?]|$))": { target: API, changeOrigin: true } },
  },
}));
