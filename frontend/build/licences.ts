import { readdir, readFile } from 'node:fs/promises';
import type { Plugin } from 'vite';

// Packages that the build includes as fonts, style sheets or workers, not as modules of the bundle, or whose notice is a
// separate file.
const named = {
  'inter.txt': ['@fontsource-variable/inter/LICENSE'],
  'jetbrains-mono.txt': ['@fontsource-variable/jetbrains-mono/LICENSE'],
  'hash-wasm.txt': ['hash-wasm/LICENSE'],
  'common-passwords.txt': ['../internal/auth/strength/common.LICENSE.txt'],
};
const covered = /^@fontsource-variable\//;
const inPackage = /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))\//;

/** Puts the licences of what is bundled into `licences/`, as they ask. A package that says none stops the build. */
export function licences(): Plugin {
  return {
    name: 'egress:licences',
    apply: 'build',
    async generateBundle(_options, bundle) {
      const packages = new Map<string, string>();
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        for (const module of chunk.moduleIds) {
          const [, dir, name] = inPackage.exec(module.replace(/^\0/, '')) ?? [];
          if (dir && name && !covered.test(name)) packages.set(name, dir);
        }
      }
      for (const [name, dir] of packages) {
        const file = (await readdir(dir)).find((entry) => /^licen[cs]e(?:\.\w+)?$/i.test(entry));
        const source = file ? await readFile(`${dir}/${file}`, 'utf8') : await stated(dir);
        if (!source) this.error(`${name} does not say its licence`);
        this.emitFile({ type: 'asset', fileName: `licences/${name.replace('@', '').replace('/', '-')}.txt`, source });
      }
      for (const [name, paths] of Object.entries(named)) {
        const texts = await Promise.all(
          paths.map((path) => readFile(new URL(`../../node_modules/${path}`, import.meta.url), 'utf8')),
        );
        this.emitFile({ type: 'asset', fileName: `licences/${name}`, source: texts.join('\n\n') });
      }
    },
  };
}

// A few packages carry no text; then what their package.json states stands for it.
async function stated(dir: string): Promise<string> {
  const { name, version, license, author }: Record<string, unknown> = JSON.parse(
    await readFile(`${dir}/package.json`, 'utf8'),
  );
  if (typeof license !== 'string') return '';
  return `${name} ${version}\nLicence: ${license}\nAuthor: ${typeof author === 'string' ? author : 'not named'}\n`;
}
