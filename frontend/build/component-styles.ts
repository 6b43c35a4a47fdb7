import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin, Rolldown } from 'vite';
import { sheetsOf, withImports } from './screens.ts';

const mantine = fileURLToPath(new URL('../../node_modules/@mantine/core', import.meta.url));
const classNames = '.module.mjs'; // the end of a module's name that holds the class names of a component
const sheet = '.layer.css';
const aClass = /\.m_\w+/g; // of Mantine, which has no class in two sheets

/**
 * Makes the style sheet of each component of Mantine travel with the component's code. In the sources,
 * `@mantine/core/styles.layer.css` is the sheet of all components. A build puts into it only what belongs to none, and
 * makes the class names of a component import its own sheet.
 *
 * All rules are in one layer, so the order of the sheets decides among rules of the same specificity. A component
 * overrides those that it is built from: its sheet is imported after theirs. The build stops if a page could have them in
 * another order.
 */
export function componentStyles(dir = mantine): Plugin {
  const marks = marksInOrder(dir);
  const sheets = [...marks.keys()];
  let parts: Map<string, Set<string>>;
  return {
    name: 'egress:component-styles',
    apply: 'build',
    buildStart() {
      parts = partsOfComponents(join(dir, 'esm'));
    },
    load: {
      filter: { id: /\/@mantine\/core\/styles\.layer\.css$/ },
      handler() {
        return sheets
          .filter((name) => !parts.has(name))
          .map((name) => readFileSync(join(dir, 'styles', name + sheet), 'utf8'))
          .join('\n');
      },
    },
    transform: {
      filter: { id: /\/@mantine\/core\/esm\/.*\.module\.mjs$/ },
      handler(code, id) {
        const name = basename(id, classNames);
        if (!sheets.includes(name)) this.error(`${name} of Mantine has no style sheet`);
        const imported = sheets.filter((each) => parts.get(name)?.has(each));
        return {
          code: imported.map((each) => `import '@mantine/core/styles/${each}${sheet}';\n`).join('') + code,
          map: null,
        };
      },
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const chunk of Object.values(bundle)) {
          if (chunk.type !== 'chunk') continue;
          const css = sheetsOf(withImports([chunk], bundle)).map((file) => textOf(bundle[file]));
          const places = new Map<string, number>();
          for (const { 0: found, index } of css.join('\n').matchAll(aClass))
            if (!places.has(found)) places.set(found, index);
          const place = (name: string) => places.get(marks.get(name) ?? '');
          for (const [name, from] of parts) {
            const own = place(name) ?? -1;
            const late = [...from].find((part) => own >= 0 && (place(part) ?? Number.POSITIVE_INFINITY) > own);
            if (late) this.error(`${chunk.fileName}: the style sheet of ${late} does not come before that of ${name}`);
          }
        }
      },
    },
  };
}

function textOf(file?: Rolldown.OutputAsset | Rolldown.OutputChunk): string {
  return file?.type === 'asset' ? String(file.source) : '';
}

// The names of the sheets, in the order that they have in the sheet of all, each with its first class if it has any.
function marksInOrder(dir: string): Map<string, string> {
  const all = readFileSync(join(dir, `styles${sheet}`), 'utf8');
  const marks = readdirSync(join(dir, 'styles'))
    .filter((file) => file.endsWith(sheet))
    .map((file) => {
      const [mark = ''] = readFileSync(join(dir, 'styles', file), 'utf8').match(aClass) ?? [];
      return [basename(file, sheet), mark] as const;
    });
  return new Map(marks.toSorted(([, a], [, b]) => all.indexOf(a) - all.indexOf(b)));
}

// The components that have class names, each with itself and those that it is built from.
function partsOfComponents(esm: string): Map<string, Set<string>> {
  const imports = new Map<string, string[]>();
  for (const { parentPath, name } of readdirSync(esm, { recursive: true, withFileTypes: true })) {
    if (!name.endsWith('.mjs')) continue;
    const text = readFileSync(join(parentPath, name), 'utf8');
    const found = text.matchAll(/^\s*(?:import|export)\b[^;]*?["'](\.[^"']+)["']/gm);
    imports.set(
      join(parentPath, name),
      [...found].map(([, path = '']) => resolve(parentPath, path)),
    );
  }
  const reached = (module: string, seen = new Set<string>()): Set<string> => {
    if (seen.has(module)) return seen;
    seen.add(module);
    for (const path of imports.get(module) ?? []) reached(path, seen);
    return seen;
  };
  const parts = new Map<string, Set<string>>();
  for (const [module, paths] of imports) {
    for (const path of paths.filter((each) => each.endsWith(classNames))) {
      const own = basename(path, classNames);
      const found = parts.get(own) ?? new Set();
      for (const each of reached(module)) if (each.endsWith(classNames)) found.add(basename(each, classNames));
      parts.set(own, found);
    }
  }
  return parts;
}
