import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { compress, decompress } from 'wawoff2';

// The types of Node do not have it.
declare const WebAssembly: { instantiate: (code: Uint8Array) => Promise<{ instance: { exports: unknown } }> };

// The functions of HarfBuzz's subset library that are used here, and its memory (hb-subset.h). Pointers are numbers.
interface HarfBuzz {
  memory: { buffer: ArrayBuffer };
  _initialize: () => void;
  malloc: (bytes: number) => number;
  free: (pointer: number) => void;
  hb_blob_create: (data: number, bytes: number, mode: number, user: number, destroy: number) => number;
  hb_blob_destroy: (blob: number) => void;
  hb_blob_get_data: (blob: number, bytes: number) => number;
  hb_blob_get_length: (blob: number) => number;
  hb_face_create: (blob: number, index: number) => number;
  hb_face_destroy: (face: number) => void;
  hb_face_reference_blob: (face: number) => number;
  hb_set_add: (set: number, value: number) => void;
  hb_set_clear: (set: number) => void;
  hb_set_invert: (set: number) => void;
  hb_subset_input_create_or_fail: () => number;
  hb_subset_input_destroy: (input: number) => void;
  hb_subset_input_set: (input: number, which: number) => number;
  hb_subset_input_set_axis_range: (
    input: number,
    face: number,
    tag: number,
    min: number,
    max: number,
    standard: number,
  ) => number;
  hb_subset_input_set_flags: (input: number, flags: number) => void;
  hb_subset_input_unicode_set: (input: number) => number;
  hb_subset_or_fail: (face: number, input: number) => number;
}

// Constants of hb-subset.h and hb-blob.h.
const memoryModeWritable = 2;
const layoutFeatures = 6;
// Keeps the outline of the glyph that stands for a character without one. Browsers draw it if no font of the system has
// the character: without the outline such text is invisible.
const keepNotdefOutline = 0x40;
const weight = 0x77676874; // the tag "wght"

let loaded: Promise<HarfBuzz> | undefined;

async function load(): Promise<HarfBuzz> {
  const file = fileURLToPath(import.meta.resolve('harfbuzzjs/dist/harfbuzz-subset.wasm'));
  const { instance } = await WebAssembly.instantiate(await readFile(file));
  const harfbuzz = instance.exports as HarfBuzz;
  harfbuzz._initialize();
  return harfbuzz;
}

/**
 * Returns the part of a variable font that has the code points and the range of weights, with all features of the font.
 * Both are WOFF2 files. One call at a time: the WOFF2 code answers with its own memory. Throws if the font cannot be read or
 * has no weights.
 */
export async function cutFont(file: Uint8Array, points: number[], weights: [number, number]): Promise<Uint8Array> {
  const whole = await decompress(file);
  loaded ??= load();
  return compress(subset(await loaded, whole, points, weights));
}

function subset(hb: HarfBuzz, font: Uint8Array, points: number[], [min, max]: [number, number]): Uint8Array {
  const data = hb.malloc(font.byteLength);
  new Uint8Array(hb.memory.buffer).set(font, data);
  const blob = hb.hb_blob_create(data, font.byteLength, memoryModeWritable, 0, 0);
  const face = hb.hb_face_create(blob, 0);
  hb.hb_blob_destroy(blob);
  const input = hb.hb_subset_input_create_or_fail();
  try {
    const features = hb.hb_subset_input_set(input, layoutFeatures);
    hb.hb_set_clear(features);
    hb.hb_set_invert(features);
    hb.hb_subset_input_set_flags(input, keepNotdefOutline);
    const characters = hb.hb_subset_input_unicode_set(input);
    for (const point of points) hb.hb_set_add(characters, point);
    if (!hb.hb_subset_input_set_axis_range(input, face, weight, min, max, Number.NaN))
      throw new Error('the font has no weights');
    const part = hb.hb_subset_or_fail(face, input);
    if (part === 0) throw new Error('the font cannot be read');
    const result = hb.hb_face_reference_blob(part);
    const start = hb.hb_blob_get_data(result, 0);
    const bytes = new Uint8Array(hb.memory.buffer).slice(start, start + hb.hb_blob_get_length(result));
    hb.hb_blob_destroy(result);
    hb.hb_face_destroy(part);
    return bytes;
  } finally {
    hb.hb_subset_input_destroy(input);
    hb.hb_face_destroy(face);
    hb.free(data);
  }
}
