import { defineConfig } from 'vite';

// `npm run dev` beside a running silo: STREAMING_URL names it, STREAMING_TOKEN signs in.
const silo = process.env.STREAMING_URL ?? 'http://127.0.0.1:8080';
const headers: Record<string, string> = process.env.STREAMING_TOKEN ? { authorization: `Bearer ${process.env.STREAMING_TOKEN}` } : {};

export default defineConfig({
  base: '/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: { outDir: 'dist', target: 'es2022', sourcemap: false, modulePreload: { polyfill: false }, reportCompressedSize: true, chunkSizeWarningLimit: 1200 },
  server: {
    proxy: {
      '/api': { target: silo, headers, changeOrigin: true },
      '/health': { target: silo, changeOrigin: true },
    },
  },
});
