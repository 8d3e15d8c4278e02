import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  test: {
    environment: "jsdom",
    environmentOptions: { jsdom: { url: "http://localhost/" } },
    setupFiles: ["./src/test/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    css: false,
    pool: "threads",
    // One jsdom for all files of a worker: a third of the time. What tests share is put back in src/test/setup.ts.
    isolate: false,
    restoreMocks: true,
    // Generous, for machines that do other things beside; a test that waits in vain still fails.
    testTimeout: 30_000,
    // A test that fails once is tried again: jsdom closes overlays by timers. A real fault fails both times.
    retry: 1,
    env: { DEBUG_PRINT_LIMIT: "1500" },
  },
});
