import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

// What a first visit to the users, the page where everyone begins, may load of scripts.
const entry = 'console';
const firstPage = /\/app\/users-page\.tsx$/;
const most = 230_000; // bytes, gzipped
const later = /\/node_modules\/(?:@react-querybuilder\/|react-querybuilder\/|@reduxjs\/)/;

/** Stops a build whose first page is too large, or carries what is meant to be loaded when it is first wanted. */
export function budget(): Plugin {
  return {
    name: 'egress:budget',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
        const wanted = chunks
          .filter(
            ({ isEntry, name, facadeModuleId }) => (isEntry && name === entry) || firstPage.test(facadeModuleId ?? ''),
          )
          .map(({ fileName }) => fileName);
        if (wanted.length !== 2) this.error(`The first page is not to be found: ${wanted.join(', ')}`);
        const loaded = new Set<string>();
        for (let file = wanted.pop(); file !== undefined; file = wanted.pop()) {
          const chunk = bundle[file];
          if (loaded.has(file) || chunk?.type !== 'chunk') continue;
          loaded.add(file);
          wanted.push(...chunk.imports);
          const early = chunk.moduleIds.find((id) => later.test(id));
          if (early) this.error(`${early} is loaded with the first page`);
        }
        const bytes = chunks
          .filter(({ fileName }) => loaded.has(fileName))
          .reduce((sum, { code }) => sum + gzipSync(code).length, 0);
        const said = `The first page loads ${(bytes / 1_000).toFixed(1)} kB of gzipped scripts in ${loaded.size} files`;
        if (bytes > most) this.error(`${said}; ${most / 1_000} kB is the most`);
        this.info(said);
      },
    },
  };
}
