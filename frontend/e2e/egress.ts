import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';
import { type Admin, copyDemoData, createDemoData, type DemoData, startServer } from './server';
import { type SocketProxy, startSocketProxy } from './socket-proxy';

/** A running Egress with demo data. The email and password are those of its owner. */
export interface Egress extends Admin {
  url: string;
  /** A second admin, an exporter. */
  second: Admin;
  /** Kills the server as a crash would. Returns a function that starts it again at the same address, with further variables. */
  kill: () => Promise<(more?: Record<string, string>) => Promise<void>>;
  /** The process id of the server. */
  pid: () => number;
  /** The WebSockets of the browser, with the option `countSockets`. */
  sockets: Pick<SocketProxy, 'open' | 'opened'> | undefined;
}

interface Fixtures {
  /** The number of users of each demo tenant. */
  users: number;
  /** The URL of the mail server that Egress sends through; "" keeps the emails in the outbox. */
  smtp: string;
  /** Further environment variables of the server. */
  env: Record<string, string>;
  /** Whether a proxy counts the WebSockets. The address of Egress is then that of the proxy. */
  countSockets: boolean;
  egress: Egress;
}

interface WorkerFixtures {
  /** Returns demo data with that many users per tenant. Each size is created once per worker. */
  demoData: (users: number) => Promise<DemoData>;
}

/**
 * Playwright's test with a server of its own: own port, own copy of the demo data. Tests never see each other's exports,
 * so that several workers can run at the same time. The server's address is the base URL of the pages.
 */
export const test = base.extend<Fixtures, WorkerFixtures>({
  users: [500, { option: true }],
  smtp: ['', { option: true }],
  env: [{}, { option: true }],
  countSockets: [false, { option: true }],
  demoData: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the required fixtures from the parameter
    async ({}, use) => {
      const dir = await mkdtemp(join(tmpdir(), 'egress-demo-'));
      const created = new Map<number, Promise<DemoData>>();
      await use((users) => {
        const data = created.get(users) ?? createDemoData(join(dir, String(users)), users);
        created.set(users, data);
        return data;
      });
      await rm(dir, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
  egress: [
    async ({ users, smtp, env, countSockets, demoData }, use) => {
      const dir = await mkdtemp(join(tmpdir(), 'egress-browser-'));
      const data = await demoData(users);
      await copyDemoData(data, dir);
      const mail = smtp ? { EGRESS_SMTP_URL: smtp, EGRESS_MAIL_FROM: 'exports@egress.example' } : {};
      const variables = { ...mail, ...env };
      let server = await startServer(dir, variables, '127.0.0.1:0');
      const { url } = server;
      const address = new URL(url).host.replace('localhost', '127.0.0.1');
      const kill = async () => {
        await server.end('SIGKILL');
        return async (more = {}) => {
          server = await startServer(dir, { ...variables, ...more }, address);
        };
      };
      const sockets = countSockets ? await startSocketProxy(url) : undefined;
      const pid = () => server.pid;
      await use({ url: sockets?.url ?? url, ...data.owner, second: data.exporter, kill, pid, sockets });
      await sockets?.close();
      const code = await server.end('SIGTERM');
      if (code !== 0) throw new Error(`Egress ended with status ${code}:\n${server.output()}`);
      await rm(dir, { recursive: true, force: true });
    },
    { timeout: 240_000 },
  ],
  baseURL: async ({ egress }, use) => use(egress.url),
});

// In every test: the page never violates the content security policy, throws, or calls another host.
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

/** Fills in the log-in form on the page, and submits it. */
export async function submitCredentials(page: Page, { email, password }: Admin): Promise<void> {
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** Request options that name the tenant of the tests. The demo's admins have several tenants, so a request names one. */
export const meridian = { headers: { 'Egress-Tenant': 'meridian' } };

/** Logs in to the tenant of the tests, and waits for the Users screen. */
export async function logIn(page: Page, admin: Admin): Promise<void> {
  await page.goto('/t/meridian/users');
  await submitCredentials(page, admin);
  await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
}

export { expect } from '@playwright/test';
