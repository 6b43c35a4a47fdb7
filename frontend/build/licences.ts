import { readFile } from 'node:fs/promises';
import type { Plugin } from 'vite';

// What the pages carry of other people's work, and where each says its terms.
const bundled = {
  'inter.txt': ['@fontsource-variable/inter/LICENSE'],
  'openapi-fetch.txt': ['openapi-fetch/LICENSE'],
  'swagger-ui.txt': [
    'swagger-ui-dist/NOTICE',
    'swagger-ui-dist/LICENSE',
    'swagger-ui-dist/swagger-ui-es-bundle.js.LICENSE.txt',
  ],
};

/** Puts the licences of what is bundled into `licences/`, as they ask. */
export function licences(): Plugin {
  return {
    name: 'egress:licences',
    apply: 'build',
    async generateBundle() {
      for (const [name, paths] of Object.entries(bundled)) {
        const texts = await Promise.all(
          paths.map((path) => readFile(new URL(`../../node_modules/${path}`, import.meta.url), 'utf8')),
        );
        this.emitFile({ type: 'asset', fileName: `licences/${name}`, source: texts.join('\n\n') });
      }
    },
  };
}
