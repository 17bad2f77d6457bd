// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from 'vite';

// Readable output, the same on every machine: no hashes in names, nothing minified, one script.
export default defineConfig({
  base: '/verify/',
  publicDir: 'static',
  build: {
    outDir: 'built',
    emptyOutDir: true,
    target: 'es2022',
    minify: false,
    cssMinify: false,
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
    rollupOptions: {
      output: {
        entryFileNames: 'page.js',
        assetFileNames: 'style[extname]',
        banner: '/*! SPDX-License-Identifier: Apache-2.0 */',
      },
    },
  },
});
