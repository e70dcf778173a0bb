import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

// `npm run dev` beside a running silo: STREAMING_URL names it, STREAMING_TOKEN signs in.
const silo = process.env.STREAMING_URL ?? 'http://127.0.0.1:8080';
const headers: Record<string, string> = process.env.STREAMING_TOKEN ? { authorization: `Bearer ${process.env.STREAMING_TOKEN}` } : {};

/** The silo sends what is compressed here, and compresses nothing itself. */
const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  writeBundle({ dir }) {
    const assets = join(dir!, 'assets');
    for (const file of readdirSync(assets)) {
      if (!/\.(js|css|svg)$/.test(file)) continue;
      const bytes = readFileSync(join(assets, file));
      writeFileSync(join(assets, `${file}.br`), brotliCompressSync(bytes));
      writeFileSync(join(assets, `${file}.gz`), gzipSync(bytes, { level: 9 }));
    }
  },
};

export default defineConfig({
  base: '/',
  plugins: [compressed],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // One style sheet: a page whose own could not be had would be drawn without it.
  build: { outDir: 'dist', cssCodeSplit: false, target: 'es2022', sourcemap: false, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 1200 },
  server: {
    proxy: {
      '/api': { target: silo, headers, changeOrigin: true },
      '/health': { target: silo, changeOrigin: true },
    },
  },
});
