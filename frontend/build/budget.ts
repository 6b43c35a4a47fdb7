import { brotliCompressSync } from 'node:zlib';
import type { Plugin } from 'vite';
import { firstVisit, screens } from './screens.ts';

const later = /\/node_modules\/(?:@react-querybuilder\/|react-querybuilder\/|@reduxjs\/)/;

/** Stops a build if a screen's first visit loads too much, or code that is meant to be loaded when it is first used. */
export function budget(): Plugin {
  return {
    name: 'egress:budget',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const screen of screens) {
          if (!screen.most) continue;
          const loaded = firstVisit(screen, bundle);
          const early = loaded.flatMap(({ moduleIds }) => moduleIds).find((id) => later.test(id));
          if (early) this.error(`${screen.name}: ${early} is loaded with the first visit`);
          const bytes = loaded.reduce((sum, { code }) => sum + brotliCompressSync(code).length, 0);
          const said = `${screen.name}: the first visit loads ${(bytes / 1_000).toFixed(1)} kB of scripts in ${loaded.length} files`;
          if (bytes > screen.most) this.error(`${said}; the limit is ${screen.most / 1_000} kB`);
          this.info(said);
        }
      },
    },
  };
}
