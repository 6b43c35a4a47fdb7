import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { decompress } from 'wawoff2';
import { cutFont } from './cut-font.ts';
import { codePointsOf, fonts } from './fonts.ts';

const path = fileURLToPath(new URL('../src/shared/theme/fonts.css', import.meta.url));
const packages = fileURLToPath(new URL('../../node_modules/@fontsource-variable', import.meta.url));
const css = await readFile(path, 'utf8');
const faces = css.split('@font-face').filter((face) => face.includes('unicode-range'));
const familyOf = (face: string) => /@fontsource-variable\/([^/]+)/.exec(face)?.[1] ?? '';

it.each(['inter', 'jetbrains-mono'])('%s: each character is in one part, and none is lost', async (family) => {
  const points = faces.filter((face) => familyOf(face) === family).flatMap(codePointsOf);
  expect(new Set(points).size).toBe(points.length);
  const whole = JSON.parse(await readFile(join(packages, family, 'unicode.json'), 'utf8'));
  const offered = codePointsOf(`unicode-range: ${whole.latin},${whole['latin-ext']};`);
  const isControl = (point: number) => point < 0x20 || (point >= 0x7f && point < 0xa0);
  expect(offered.filter((point) => !isControl(point) && !points.includes(point))).toEqual([]);
});

it('keeps the box that stands for a character that no font has', async () => {
  const file = await readFile(join(packages, 'inter/files/inter-latin-wght-normal.woff2'));
  const part = Buffer.from(await decompress(await cutFont(file, [0x20], [400, 700])));
  // The part has two glyphs, the box and the space, which has no outline. All outlines are in the table "glyf".
  const tables = Array.from({ length: part.readUInt16BE(4) }, (_, i) => part.subarray(12 + 16 * i, 28 + 16 * i));
  const outlines = tables.find((table) => table.toString('latin1', 0, 4) === 'glyf');
  expect(outlines?.readUInt32BE(12)).toBeGreaterThan(20);
});

it("cuts the files, and one part has what the console's own text needs", async () => {
  const { transform } = fonts();
  if (typeof transform !== 'object') throw new Error('the plugin transforms nothing');
  const result = await transform.handler.call({} as never, css, path, undefined as never);
  const code = typeof result === 'object' && result && 'code' in result ? String(result.code) : '';
  const files = [...code.matchAll(/url\("([^"]+)"\)/g)].map(([, file]) => join(path, '..', file ?? ''));
  expect(new Set(files).size).toBe(faces.length);
  for (const [i, file] of files.entries()) {
    const [, source = ''] = /url\("@fontsource-variable\/([^"]+)"\)/.exec(faces[i] ?? '') ?? [];
    expect((await stat(file)).size).toBeLessThan((await stat(join(packages, source))).size);
  }
  const basic = faces.filter((face) => codePointsOf(face).includes(0x41)).flatMap(codePointsOf);
  for (const character of '·…“”–’×±§') expect(basic).toContain(character.codePointAt(0));
});
