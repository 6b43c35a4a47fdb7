import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { test as base } from '@playwright/test';

/** A running Egress with demo data, and its first admin. */
export interface Egress {
  url: string;
  email: string;
  password: string;
}

const binary = fileURLToPath(new URL('../../bin/egress', import.meta.url));

/** Playwright's test, with a server per worker whose data nobody else touches. Its addresses are the pages' base. */
export const test = base.extend<object, { egress: Egress }>({
  egress: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what a fixture needs
    async ({}, use) => {
      const dir = await mkdtemp(join(tmpdir(), 'egress-browser-'));
      const { egress, stop } = await start(dir);
      await use(egress);
      await stop();
      await rm(dir, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  baseURL: async ({ egress }, use) => use(egress.url),
});

export { expect } from '@playwright/test';

async function start(dir: string): Promise<{ egress: Egress; stop: () => Promise<void> }> {
  // Nothing of the caller's own configuration may reach it.
  const env = { PATH: process.env.PATH, HOME: dir, EGRESS_DATA_DIR: join(dir, 'data') };
  const server = spawn(binary, ['serve', '--demo', '--addr', '127.0.0.1:0'], { cwd: dir, env });
  const ended = once(server, 'close');
  const said: string[] = [];
  server.stderr.setEncoding('utf8').on('data', (text) => said.push(text));

  const ready = (async () => {
    const found: { [name in keyof Egress]?: string | undefined } = {};
    for await (const line of createInterface(server.stdout)) {
      said.push(`${line}\n`);
      found.url ??= /ready at (\S+)/.exec(line)?.[1]?.replace(/\/$/, '');
      found.email ??= /e-mail:\s*(\S+)/.exec(line)?.[1];
      found.password ??= /password:\s*(\S+)/.exec(line)?.[1];
      const { url, email, password } = found;
      if (url && email && password) {
        server.stdout.resume();
        return { url, email, password };
      }
    }
    throw new Error(`Egress ended before it was ready:\n${said.join('')}`);
  })();

  const stop = async () => {
    server.kill('SIGTERM');
    const [code] = await ended;
    if (code !== 0) throw new Error(`Egress ended with ${code}:\n${said.join('')}`);
  };
  return { egress: await ready, stop };
}
