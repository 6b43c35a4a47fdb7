import { crc32, deflateSync } from 'node:zlib';
import { decode } from 'fast-png';

const maxColors = 256;

/**
 * Returns the picture as a PNG with a palette, about a third of the size of the browser's. The pictures have few colors
 * of any extent; only the least used shades of the edges of letters become their nearest one.
 */
export function withPalette(png: Buffer): Buffer {
  const { width, height, channels, data } = decode(png);
  const pixels = new Uint32Array(width * height);
  const counts = new Map<number, number>();
  for (let i = 0; i < pixels.length; i++) {
    const color = join(data[i * channels] ?? 0, data[i * channels + 1] ?? 0, data[i * channels + 2] ?? 0);
    pixels[i] = color;
    counts.set(color, (counts.get(color) ?? 0) + 1);
  }
  const { palette, indexes } = reduce(counts);
  const lines = Buffer.alloc((width + 1) * height); // each line starts with its filter: 0, none
  for (let i = 0; i < pixels.length; i++) lines[i + Math.floor(i / width) + 1] = indexes.get(pixels[i] ?? 0) ?? 0;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3], 8); // bits of an index, color type "palette"
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap(split))),
    chunk('IDAT', deflateSync(lines, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const join = (red: number, green: number, blue: number) => (red << 16) | (green << 8) | blue;
const split = (color: number) => [color >> 16, (color >> 8) & 255, color & 255] as [number, number, number];

function distance(a: number, b: number): number {
  const [ar, ag, ab] = split(a);
  const [br, bg, bb] = split(b);
  return (ar - br) ** 2 + (ag - bg) ** 2 + (ab - bb) ** 2;
}

// Takes, one after the other, the color whose pixels are worst represented by those that were taken before.
function reduce(counts: Map<number, number>): { palette: number[]; indexes: Map<number, number> } {
  const colors = [...counts].map(([color, count]) => ({ color, count, index: 0, error: Number.POSITIVE_INFINITY }));
  const palette: number[] = [];
  while (palette.length < Math.min(maxColors, colors.length)) {
    const next = colors.reduce((a, b) => (b.count * b.error > a.count * a.error ? b : a));
    for (const each of colors) {
      const error = distance(each.color, next.color);
      if (error < each.error) Object.assign(each, { error, index: palette.length });
    }
    palette.push(next.color);
  }
  return { palette, indexes: new Map(colors.map(({ color, index }) => [color, index])) };
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
