import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const text = /\.(?:html|js|css|svg|json|txt|md)$/;
const worthwhile = 1024; // bytes: below, a packet is a packet

/**
 * Writes `<file>.br` and `<file>.gz` next to every text file of the build, at the strongest setting, so that the server
 * only has to pick one. A form that is not smaller than the file is left out.
 */
export function precompress(): Plugin {
  let dir = '';
  return {
    name: 'egress:precompress',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      dir = config.build.outDir;
    },
    async closeBundle() {
      const entries = await readdir(dir, { recursive: true, withFileTypes: true });
      const files = entries.filter((e) => e.isFile() && text.test(e.name)).map((e) => join(e.parentPath, e.name));
      await Promise.all(files.map(compress));
    },
  };
}

async function compress(file: string): Promise<void> {
  const body = await readFile(file);
  if (body.length <= worthwhile) return;
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: body.length } }),
    promisify(gzip)(body, { level: constants.Z_BEST_COMPRESSION }),
  ]);
  if (br.length < body.length) await writeFile(`${file}.br`, br);
  if (gz.length < body.length) await writeFile(`${file}.gz`, gz);
}
