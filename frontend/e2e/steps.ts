import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import type { BrowserContext, Download, Locator, Page } from '@playwright/test';
import { type Egress, expect, logIn, meridian } from './egress';

/** How often a page without a socket asks for its live jobs, in milliseconds. */
export const pollInterval = 2_000;

/** How long a toast of a saved file stays, in milliseconds. */
export const toastDuration = 8_000;

/** The toast stack. */
export const toasts = (page: Page) => page.getByRole('region', { name: 'Your exports' });

/** Opens the export dialog of the Users screen. */
export async function openDialog(page: Page) {
  await page.getByRole('button', { name: 'Export users' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export users' });
  await expect(dialog).toBeVisible();
  return dialog;
}

/** Opens the opener's menu and chooses an item, by keyboard. */
export async function chooseItem(page: Page, opener: Locator, name: string): Promise<void> {
  await opener.focus();
  await page.keyboard.press('Enter');
  const item = page.getByRole('menuitem', { name });
  await expect(page.getByRole('menu').locator(':focus')).toHaveCount(1);
  for (let presses = 0; presses < 12; presses++) {
    if (await item.evaluate((element) => element.matches(':focus'))) break;
    await page.keyboard.press('ArrowDown');
  }
  await expect(item).toBeFocused();
  await page.keyboard.press('Enter');
}

/** Starts an export of all users from the Users screen, also where counting them takes the server too long. */
export async function exportAllUsers(page: Page): Promise<void> {
  const dialog = await openDialog(page);
  await dialog.getByRole('button', { name: /^Export ([\d,]+ )?users$/ }).click();
  await expect(dialog).toBeHidden();
}

const slow = 5_000; // bytes per second: a file of the demo data takes about a minute, unless the limit is removed

/**
 * Returns a function that limits the page's download speed to a number of bytes per second. -1 removes the limit, 0 takes
 * the network away. One CDP session sets both, since the browser does not define which of two sessions wins.
 */
async function networkThrottle(page: Page): Promise<(bytes: number) => Promise<void>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  return async (downloadThroughput) => {
    const conditions = { offline: downloadThroughput === 0, latency: 0, downloadThroughput, uploadThroughput: -1 };
    await session.send('Network.emulateNetworkConditions', conditions);
  };
}

/**
 * Starts an export of all users whose download is slow, so that it stays live until the test removes the limit. Returns
 * the throttle.
 */
export async function exportSlowly(page: Page): Promise<(bytes: number) => Promise<void>> {
  const throttle = await networkThrottle(page);
  const dialog = await openDialog(page);
  const button = dialog.getByRole('button', { name: /^Export [\d,]+ users$/ });
  await expect(button).toBeVisible();
  await throttle(slow); // after the dialog has loaded what it shows
  await button.click();
  await expect(dialog).toBeHidden();
  return throttle;
}

/**
 * Starts an export like `exportSlowly`, and waits until the page receives its file. Returns the throttle, and the number
 * of files that the browser has saved since.
 */
export async function streamSlowly(page: Page) {
  let saved = 0;
  page.on('download', () => saved++);
  const throttle = await exportSlowly(page);
  await expect(toasts(page).getByText(/^Downloading: /)).toBeVisible();
  return { throttle, saved: () => saved };
}

/** Gives a page that is not loaded yet a WebSocket of its own. A test cannot route those of a shared worker. */
export async function withOwnSocket(page: Page): Promise<void> {
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'));
}

/** Takes the WebSockets from a page that is not loaded yet, so that it polls. */
export async function withoutSocket(page: Page): Promise<void> {
  await withOwnSocket(page);
  await page.routeWebSocket(/\/ws/, (socket) => socket.close());
}

/** The part of a job that the tests read. */
export interface Job {
  jobId: string;
  version: number;
  status: string;
  mode: string;
  definition: unknown;
  progress: { users: { users: number; usersTotal: number } };
  files: { kind: string; name: string; bytes: number; rows: number; sha256: string; downloadUrl: string | null }[];
}

/** Switches the features of the tenant, as its owner. */
export async function setFeatures(page: Page, on: { async: boolean; events: boolean }): Promise<void> {
  for (const [key, enabled] of [
    ['feature.asyncUserExport.enabled', on.async],
    ['feature.stateEventsExport.enabled', on.events],
  ] as const)
    expect((await page.request.put(`/v4/features/${key}`, { ...meridian, data: { enabled } })).status()).toBe(200);
}

/** Logs in, and makes the exports of the tenant users files that a tab streams. */
export async function logInToStream(page: Page, egress: Egress): Promise<void> {
  await logIn(page, egress);
  await setFeatures(page, { async: false, events: false });
}

/** Opens the Users screen in a further tab. */
export async function openUsersTab(context: BrowserContext): Promise<Page> {
  const tab = await context.newPage();
  await tab.goto('/t/meridian/users');
  await expect(tab.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
  return tab;
}

/** Returns the newest job of the tenant. */
export async function newestJob(page: Page): Promise<Job> {
  return (await (await page.request.get('/v4/user-export-jobs?limit=1', meridian)).json()).results[0];
}

/** Runs an asynchronous export over the API. Returns the completed job and the bytes of its files, by kind. */
export async function exportOverApi(
  page: Page,
  definition: unknown,
): Promise<{ job: Job; files: Map<string, Buffer> }> {
  const started = await page.request.post('/v4/user-export-jobs', { ...meridian, data: definition });
  expect(started.status()).toBe(202);
  const { jobId } = await started.json();
  let job: Job | undefined;
  await expect(async () => {
    job = await (await page.request.get(`/v4/user-export-jobs/${jobId}`, meridian)).json();
    expect(job?.status).toBe('completed');
  }).toPass({ timeout: 180_000 });
  const files = new Map<string, Buffer>();
  for (const { kind, downloadUrl } of job?.files ?? [])
    files.set(kind, await (await page.request.get(downloadUrl ?? '')).body());
  return { job: job as Job, files };
}

/** Removes the browser's file picker, which needs a human: files then go to the downloads. */
export async function removeFilePicker(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'showSaveFilePicker'));
}

/** Returns the records of a CSV file without its header. Fields may contain line breaks, so a parser reads them. */
export async function readRecords(download: Download): Promise<string[][]> {
  const { parse } = await import('csv-parse/sync');
  const text = await readFile(await download.path(), 'utf8');
  return (parse(text, { bom: true }) as string[][]).slice(1);
}

/** Returns the SHA-256 of a downloaded file, in hexadecimal. */
export async function sha256(download: Download): Promise<string> {
  return createHash('sha256')
    .update(await readFile(await download.path()))
    .digest('hex');
}

/**
 * Moves the page's clock forward in steps of that many milliseconds until the assertion passes, so that no test waits
 * for a timer of the page. The test installs the clock before it opens the page. A step fires each timer at most once.
 */
export async function fastForwardUntil(page: Page, step: number, assertion: () => Promise<void>): Promise<void> {
  await expect(async () => {
    await page.clock.fastForward(step);
    await assertion();
  }).toPass();
}

/** Expects that axe reports no violation on the page. `screen` names the page in a failure. */
export async function expectAccessible(page: Page, screen: string): Promise<void> {
  await runAxe(page, screen, []);
}

/** Expects that axe reports no violation on the page, in the light and in the dark theme. */
export async function expectAccessibleInBothThemes(page: Page, screen: string): Promise<void> {
  await switchTheme(page, 'light');
  await runAxe(page, `${screen}, light`, []);
  // The themes differ in colors only, and only these rules read colors.
  await switchTheme(page, 'dark');
  await runAxe(page, `${screen}, dark`, ['color-contrast', 'link-in-text-block']);
}

/** Switches the theme. The page hears of it in its next frame: without the wait axe could read some colors of each theme. */
export async function switchTheme(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await expect(page.locator('html')).toHaveCSS('color-scheme', colorScheme);
}

// Runs these rules of axe; all for an empty list. In its legacy mode axe opens no second page for each run. It then
// checks no frames of other origins, but here the only frame is that of an email, which forbids scripts.
async function runAxe(page: Page, screen: string, rules: string[]): Promise<void> {
  const axe = new AxeBuilder({ page }).setLegacyMode().exclude('iframe');
  const { violations } = await (rules.length > 0 ? axe.withRules(rules) : axe).analyze();
  expect(
    violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join(' | ')}`,
    ),
    screen,
  ).toEqual([]);
}

/** Expects that the page does not scroll horizontally. `screen` names the page in a failure. */
export async function expectNoHorizontalScroll(page: Page, screen: string): Promise<void> {
  // The script is text: TypeScript compiles these files for Node, which has no document.
  expect(await page.evaluate<boolean>('document.documentElement.scrollWidth <= window.innerWidth'), screen).toBe(true);
}

const quiet = 500; // ms

/**
 * Waits until the page has sent no request for a while. The runner's own state, networkidle, is not reached while the
 * script of a shared worker runs.
 */
export async function quietNetwork(page: Page): Promise<void> {
  for (;;) {
    const request = await page.waitForEvent('request', { timeout: quiet }).catch(() => null);
    if (!request) return;
  }
}
