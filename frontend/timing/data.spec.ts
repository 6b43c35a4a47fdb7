import type { Page } from '@playwright/test';
import { expect, logIn, meridian, test } from '../e2e/egress';
import { exportOverApi, quietNetwork } from '../e2e/steps';

const runs = Number(process.env.EGRESS_BENCH_RUNS ?? 5);
const sizes = (process.env.EGRESS_BENCH_USERS ?? '2500,100000').split(',').map(Number);
const filter = JSON.stringify({
  combinator: 'and',
  rules: [{ field: 'attributes.country', operator: 'is', value: 'GB' }],
});

/** The screens: the path, and the selector of the first element with data. */
const screens = (jobId: string): [name: string, path: string, data: string][] => [
  ['Users', '/t/meridian/users', 'tr[data-user]'],
  ['Users, Country is GB', `/t/meridian/users?${new URLSearchParams({ filter })}`, 'tr[data-user]'],
  ['Exports', '/t/meridian/exports', `main table a[href$="/exports/${jobId}"]`],
  ['a job', `/t/meridian/exports/${jobId}`, 'main:has(nav[aria-label="Breadcrumb"]) [data-status="completed"]'],
  ['Outbox', '/t/meridian/outbox', 'nav[aria-label="Emails"] a'],
  ['API keys', '/t/meridian/key-pairs', '[aria-label="Revoke: nightly export"]'],
  ['Members', '/t/meridian/members', '[aria-label^="Sessions: "]'],
  ['Activity', '/t/meridian/audit-log', `main table a[href$="/exports/${jobId}"]`],
  ['Settings', '/t/meridian/settings', 'input[role="switch"]'],
  ['Account', '/account', '[aria-label="Your sessions"] li'],
  ['API reference', '/docs/api/', '#createUserExportJob'],
];

/** The page with a link to a screen; undefined if there is none, or if it is in a menu. */
function inside(name: string): string | undefined {
  if (['Users, Country is GB', 'Account', 'API reference'].includes(name)) return undefined;
  return name === 'Outbox' || name === 'Users' || name === 'a job' ? '/t/meridian/exports' : '/t/meridian/outbox';
}

const preview = 'section[aria-label="First rows of the file"] tbody td';

// Runs in the page: resolves with the time of the frame after the selector first matches, in ms since the navigation began.
const watcher = `globalThis.shown = (selector) => new Promise((done, fail) => {
  setTimeout(() => fail(new Error(selector + ' is not shown')), 10_000);
  const drawn = () => requestAnimationFrame((at) => done(at));
  const look = () => document.querySelector(selector) !== null && (observer.disconnect(), drawn(), true);
  const observer = new MutationObserver(look);
  observer.observe(document, { subtree: true, childList: true, attributes: true });
  look();
});`;

/** Returns the time from the start of the navigation until the page shows the data. */
async function timeOf(page: Page, path: string, data: string): Promise<number> {
  await page.goto('about:blank');
  await page.goto(path, { waitUntil: 'commit' });
  return page.evaluate<number>(`globalThis.shown(${JSON.stringify(data)})`);
}

/** Returns the time from the press of a link on a loaded page until the page that it opens shows the data. */
async function timeInside(page: Page, from: string, path: string, data: string): Promise<number> {
  await page.goto('about:blank');
  await page.goto(from);
  await quietNetwork(page);
  return page.evaluate<number>(`(async () => {
    const begun = performance.now();
    document.querySelector(${JSON.stringify(`a[href="${path}"]`)}).click();
    return (await globalThis.shown(${JSON.stringify(data)})) - begun;
  })()`);
}

/** Returns the time from the press of "Export users" until the dialog shows the first rows of the file. */
async function timeOfPreview(page: Page): Promise<number> {
  await timeOf(page, '/t/meridian/users', 'tr[data-user]');
  await expect(page.getByRole('button', { name: 'Export users' })).not.toHaveAttribute('aria-disabled', 'true');
  await quietNetwork(page);
  return page.evaluate<number>(`(async () => {
    const begun = performance.now();
    document.querySelector('button[aria-label="Export users"]').click();
    return (await globalThis.shown(${JSON.stringify(preview)})) - begun;
  })()`);
}

async function median(measure: () => Promise<number>): Promise<string> {
  await measure(); // the first visit is not counted
  const times: number[] = [];
  while (times.length < runs) times.push(await measure());
  times.sort((a, b) => a - b);
  const shown = (ms = 0) => (ms / 1000).toFixed(2);
  return `${shown(times[Math.floor(times.length / 2)])} (${shown(times[0])} to ${shown(times.at(-1))})`;
}

for (const users of sizes) {
  test.describe(`${users} users`, () => {
    test.use({ users });

    test('the time until each screen shows its data', async ({ page, egress }) => {
      await page.addInitScript(watcher);
      await logIn(page, egress);
      const { job } = await exportOverApi(page, { include: { attributes: true } });
      const me = await (await page.request.get('/v4/me', meridian)).json();
      const pairs = `/v3/admin/users/${me.user_id}/keypairs`;
      expect((await page.request.post(pairs, { ...meridian, data: { note: 'nightly export' } })).status()).toBe(201);
      const lines: string[] = [];
      for (const [name, path, data] of screens(job.jobId)) {
        const address = await median(() => timeOf(page, path, data));
        const from = inside(name);
        lines.push(`| ${name} | ${address} | ${from ? await median(() => timeInside(page, from, path, data)) : '–'} |`);
      }
      lines.push(`| preview of the export dialog | – | ${await median(() => timeOfPreview(page))} |`);
      process.stdout.write(`\n| ${users} users | by address (s) | by link (s) |\n|---|---|---|\n${lines.join('\n')}\n`);
    });
  });
}
