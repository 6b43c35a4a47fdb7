import { brotliCompressSync } from 'node:zlib';
import type { Plugin, Rolldown } from 'vite';

const entry = 'console';

// What a first visit may load of scripts, in bytes as browsers receive them (brotli): the entry, and the modules that
// the address makes it load.
const screens = [
  { name: 'Log in', most: 126_000, modules: [/\/app\/login\/login-page\.tsx$/] },
  {
    name: 'Users',
    most: 192_000,
    modules: [/\/app\/frame\/frame\.tsx$/, /\/app\/users-page\.tsx$/, /\/features\/users\/load-users\.ts$/],
  },
];
const later = /\/node_modules\/(?:@react-querybuilder\/|react-querybuilder\/|@reduxjs\/)/;

type Chunk = Rolldown.OutputChunk;

/** Stops a build if a screen's first visit loads too much, or code that is meant to be loaded when it is first used. */
export function budget(): Plugin {
  return {
    name: 'egress:budget',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
        const files = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
        const sizes = new Map<string, number>();
        const size = ({ fileName, code }: Chunk) => {
          const known = sizes.get(fileName) ?? brotliCompressSync(code).length;
          sizes.set(fileName, known);
          return known;
        };
        for (const { name, most, modules } of screens) {
          const wanted = [
            chunks.find((chunk) => chunk.isEntry && chunk.name === entry),
            ...modules.map((module) => chunks.find(({ moduleIds }) => moduleIds.some((id) => module.test(id)))),
          ];
          const loaded = closure(wanted, files);
          if (!loaded) return this.error(`${name}: a part of its first visit does not exist`);
          const early = loaded.flatMap(({ moduleIds }) => moduleIds).find((id) => later.test(id));
          if (early) this.error(`${name}: ${early} is loaded with the first visit`);
          const bytes = loaded.reduce((sum, chunk) => sum + size(chunk), 0);
          const said = `${name}: the first visit loads ${(bytes / 1_000).toFixed(1)} kB of scripts in ${loaded.length} files`;
          if (bytes > most) this.error(`${said}; the limit is ${most / 1_000} kB`);
          this.info(said);
        }
      },
    },
  };
}

// Returns the chunks and what they import, directly or not; undefined if a chunk is missing.
function closure(chunks: (Chunk | undefined)[], files: Map<string, Chunk>): Chunk[] | undefined {
  const loaded = new Set<Chunk>();
  for (const wanted = [...chunks]; wanted.length > 0; ) {
    const chunk = wanted.pop();
    if (!chunk) return undefined;
    if (loaded.has(chunk)) continue;
    loaded.add(chunk);
    wanted.push(...chunk.imports.map((file) => files.get(file)));
  }
  return [...loaded];
}
