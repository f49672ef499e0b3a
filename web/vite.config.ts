// The build: one page under /console/, hashed assets, nothing inlined, so that the strictest CSP holds.
import { defineConfig } from "vite";

declare const process: { env: Record<string, string | undefined> };

export default defineConfig({
  base: "/console/",
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    fs: { allow: [".", "../docs/guides"] },
    proxy: { "/v1": process.env.COUNTERSIGN_URL ?? "http://127.0.0.1:8080" },
  },
});
