import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { cutFont } from './cut-font.ts';

const packages = fileURLToPath(new URL('../../node_modules', import.meta.url));
const parts = join(packages, '.vite', 'fonts');

// The parts of a face of fonts.css: its file, its lowest and highest weight, and its characters.
const source = /url\("(@fontsource-variable\/[^"]+\.woff2)"\)/;
const weights = /font-weight: (\d+) (\d+);/;
const characters = /unicode-range:\s*([^;]+);/;

// What every page shows.
const first = /\/inter-latin-wght-normal-u0020-[^/]*\.woff2$/;

/**
 * Cuts the fonts to what fonts.css says of each face: the characters of its `unicode-range`, and the weights of its
 * `font-weight`. Without a build, the faces have the whole files. Also preloads the font of the console's text, which
 * browsers otherwise find only after the style sheet and the first text.
 */
export function fonts(): Plugin {
  return {
    name: 'egress:fonts',
    apply: 'build',
    enforce: 'pre',
    transform: {
      filter: { id: /\/shared\/theme\/fonts\.css$/ },
      async handler(css, id) {
        await mkdir(parts, { recursive: true });
        const faces: string[] = [];
        for (const face of css.split(/(?=@font-face)/)) {
          const [, file] = source.exec(face) ?? [];
          if (!file) {
            faces.push(face);
            continue;
          }
          const part = relative(dirname(id), await cut(file, face));
          faces.push(face.replace(source, () => `url("${part.startsWith('.') ? part : `./${part}`}")`));
        }
        return { code: faces.join(''), map: null };
      },
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const file = Object.keys(bundle ?? {}).find((name) => first.test(`/${name}`));
        if (!file) throw new Error('the font to preload is not in the bundle');
        const attrs = { rel: 'preload', href: `/${file}`, as: 'font', type: 'font/woff2', crossorigin: '' };
        return [{ tag: 'link', attrs, injectTo: 'head' }];
      },
    },
  };
}

// Writes the part of a font that a face has, and returns its path.
async function cut(file: string, face: string): Promise<string> {
  const [, min, max] = weights.exec(face) ?? [];
  const points = codePointsOf(face);
  if (points.length === 0 || !min) throw new Error(`a face of ${file} has no unicode-range or no range of weights`);
  const whole = await readFile(join(packages, file));
  const path = join(parts, `${basename(file, '.woff2')}-u${hex(points)}.woff2`);
  await writeFile(path, await cutFont(whole, points, [Number(min), Number(max)]));
  return path;
}

const hex = ([point = 0]: number[]) => point.toString(16).padStart(4, '0');

/** Returns the code points in the `unicode-range` of a face. */
export function codePointsOf(face: string): number[] {
  const [, list = ''] = characters.exec(face) ?? [];
  return list.split(',').flatMap((range) => {
    const [from = Number.NaN, to = from] = range.trim().replace(/^U\+/, '').split('-').map(parsed);
    return Array.from({ length: to - from + 1 || 0 }, (_, i) => from + i);
  });
}

const parsed = (text: string) => Number.parseInt(text, 16);
