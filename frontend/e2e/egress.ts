import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { test as base, expect, type Page } from '@playwright/test';

/** Who signs in. */
export interface Admin {
  email: string;
  password: string;
}

/** A running Egress with demo data, an owner, and a second admin. */
export interface Egress extends Admin {
  url: string;
  second: Admin;
  /** Ends the server as a crash would, and starts it again at the same address when it is called for. */
  kill: () => Promise<() => Promise<void>>;
  /** The server's process. */
  pid: () => number;
}

const binary = fileURLToPath(new URL('../../bin/egress', import.meta.url));

/** Playwright's test, with a server of its own, so that no test sees another's exports. Its address is the pages' base. */
export const test = base.extend<{ users: number; smtp: string; env: Record<string, string>; egress: Egress }>({
  /** How many users each demo tenant has. With some thousands an export takes long enough to be watched. */
  users: [500, { option: true }],
  /** The mail server that Egress sends by; "" for its own outbox. */
  smtp: ['', { option: true }],
  /** Further variables of the server. */
  env: [{}, { option: true }],
  egress: [
    async ({ users, smtp, env }, use) => {
      const dir = await mkdtemp(join(tmpdir(), 'egress-browser-'));
      const { egress, stop } = await start(dir, users, smtp, env);
      await use(egress);
      await stop();
      await rm(dir, { recursive: true, force: true });
    },
    { timeout: 240_000 },
  ],
  baseURL: async ({ egress }, use) => use(egress.url),
});

// Whatever a test does, the page may not break the content security policy, throw, or ask another host.
test.beforeEach(async ({ page, egress }) => {
  page.on('pageerror', (error) => expect.soft(error.message, 'uncaught error').toBe(''));
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) expect.soft(message.text()).toBe('');
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http')) expect.soft(origin, 'host of a request').toBe(egress.url);
  });
});

/** Types the credentials into the form that is shown, and sends it. */
export async function giveCredentials(page: Page, { email, password }: Admin): Promise<void> {
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** Logs in, from the start, and waits for the users. */
export async function logIn(page: Page, admin: Admin): Promise<void> {
  await page.goto('/');
  await giveCredentials(page, admin);
  await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
}

export { expect } from '@playwright/test';

async function start(
  dir: string,
  users: number,
  smtp: string,
  more: Record<string, string>,
): Promise<{ egress: Egress; stop: () => Promise<void> }> {
  // Nothing of the caller's own configuration may reach it.
  const mail = smtp ? { EGRESS_SMTP_URL: smtp, EGRESS_MAIL_FROM: 'exports@egress.example' } : {};
  const env = { PATH: process.env.PATH, HOME: dir, EGRESS_DATA_DIR: join(dir, 'data'), ...mail };
  const run = (...args: string[]) => promisify(execFile)(binary, args, { cwd: dir, env });
  await run('seed', '--users', String(users));
  const add = async (email: string, role: string): Promise<Admin> => {
    const { stdout } = await run('admin', email, '--role', role);
    const password = /password:\s*(\S+)/.exec(stdout)?.[1];
    if (!password) throw new Error(`no password was printed:\n${stdout}`);
    return { email, password };
  };
  const first = await add('owner@example.com', 'owner');
  const second = await add('second@example.com', 'exporter');
  const serving = { ...env, ...more };
  let server = await serve(dir, serving, '127.0.0.1:0');
  const { url } = server;
  const kill = async () => {
    await server.end('SIGKILL');
    return async () => {
      server = await serve(dir, serving, new URL(url).host.replace('localhost', '127.0.0.1'));
    };
  };
  const stop = async () => {
    const code = await server.end('SIGTERM');
    if (code !== 0) throw new Error(`Egress ended with ${code}:\n${server.said()}`);
  };
  const pid = () => server.pid;
  return { egress: { url, ...first, second, kill, pid }, stop };
}

interface Server {
  url: string;
  pid: number;
  said: () => string;
  /** Sends a signal, waits for the end, and returns the exit status. */
  end: (signal: NodeJS.Signals) => Promise<number | null>;
}

async function serve(dir: string, env: NodeJS.ProcessEnv, address: string): Promise<Server> {
  const server = spawn(binary, ['serve', '--addr', address], { cwd: dir, env });
  const ended = once(server, 'close');
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const end = async (signal: NodeJS.Signals) => {
    server.kill(signal);
    return (await ended)[0];
  };
  for await (const line of createInterface(server.stdout)) {
    said += `${line}\n`;
    const url = /ready at (\S+)/.exec(said)?.[1]?.replace(/\/$/, '');
    if (!url) continue;
    server.stdout.resume();
    return { url, pid: server.pid ?? 0, said: () => said, end };
  }
  throw new Error(`Egress ended before it was ready:\n${said}`);
}
