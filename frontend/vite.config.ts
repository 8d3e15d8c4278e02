import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import { tanstackRouter } from "@tanstack/router-plugin/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const backendPort = process.env.CRM_BACKEND_PORT ?? "8000";
const backend = process.env.CRM_BACKEND_URL ?? `http://127.0.0.1:${backendPort}`;

export default defineConfig({
  plugins: [tanstackRouter({ target: "react", autoCodeSplitting: true }), react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: { proxy: { "/api": { target: backend } } },
  preview: { proxy: { "/api": { target: backend } } },
  build: { outDir: "dist", sourcemap: false, target: "es2022" },
});
