import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { budget } from './frontend/build/budget.ts';
import { licences } from './frontend/build/licences.ts';
import { precompress } from './frontend/build/precompress.ts';

const frontend = (path: string) => fileURLToPath(new URL(`./frontend/${path}`, import.meta.url));

// Where `make dev` finds the server. The Host header is passed on unchanged, so the server's same-origin rules hold.
const server = process.env.EGRESS_DEV_SERVER ?? 'http://127.0.0.1:8080';

const small =
  /\/src\/shared\/own\.ts$|\/@tabler\/icons-react\/.*\/(?:createReactComponent|defaultAttributes|IconCheck|IconChevronRight|IconPlus|IconSearch)\.mjs$|\/@mantine\/.*\/(?:to-int|get-style-object|use-merged-ref|VisuallyHidden|OptionalPortal|InputBase|TextInput)\.mjs$/;

export default defineConfig({
  root: frontend(''),
  cacheDir: frontend('../node_modules/.vite'),
  resolve: { alias: { '@': frontend('src') } },
  plugins: [react(), licences(), budget(), precompress()],
  build: {
    outDir: frontend('dist'),
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy allows no data: fonts or scripts, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Swagger UI is one piece of 1.7 MB, loaded by the API reference alone.
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      checks: { pluginTimings: false }, // compressing takes a while, as it should
      // What the first page needs of small things that later pages need too is one file: each file costs a hundred bytes.
      output: { codeSplitting: { groups: [{ name: 'small', test: small }] } },
      input: { console: frontend('index.html'), reference: frontend('docs/api/index.html') },
    },
  },
  server: {
    proxy: {
      '/v3': server,
      '/v4': server,
      '/healthz': server,
      '/readyz': server,
      '/ws': { target: server, ws: true },
    },
  },
  test: {
    // One process for all files of a project: loading React, Mantine and jsdom for each file cost more than the
    // tests. shared/testing/fresh.ts gives each file its own copy of our modules.
    isolate: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: ['src/**/*.test.ts', 'build/**/*.test.ts'],
          environment: 'node',
          setupFiles: ['src/shared/testing/fresh.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'screen',
          include: ['src/**/*.test.tsx'],
          environment: 'jsdom',
          testTimeout: 30_000, // ms; jsdom works names and roles out slowly, the more so on a busy machine
          setupFiles: ['src/shared/testing/fresh.ts', 'src/shared/testing/setup.ts'],
        },
      },
    ],
  },
});
