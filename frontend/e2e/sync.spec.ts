import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { BrowserContext, Page } from '@playwright/test';
import { expect, logIn, test } from './egress';
import { exportEverybody, features, newestJob, openDialog, stored, toasts } from './steps';

const failed = 'Export failed. Please try again.';

/** Takes away the dialog in which one picks a place, which needs a human: files go to the downloads. */
async function withoutPicker(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'showSaveFilePicker'));
}

/**
 * Lets what the page fetches come slowly, in bytes per second; -1 lets it come as it does, and 0 takes the network away. One
 * session says all of that: of two that disagree, which one holds is the browser's affair.
 */
async function speed(page: Page): Promise<(bytes: number) => Promise<void>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  return async (downloadThroughput) => {
    const conditions = { offline: downloadThroughput === 0, latency: 0, downloadThroughput, uploadThroughput: -1 };
    await session.send('Network.emulateNetworkConditions', conditions);
  };
}

async function ends(page: Page, status: RegExp): Promise<void> {
  await expect(async () => expect((await newestJob(page)).status).toMatch(status)).toPass({ timeout: 30_000 });
}

test.use({ users: 1000 }); // so that what runs can be seen running
test.beforeEach(async ({ context }) => withoutPicker(context));

test('a streamed export has the bytes of a stored one, and is complete when the tab has confirmed them', async ({
  page,
  egress,
  context,
}) => {
  await logIn(page, egress);
  await features(page, { async: false, events: false });
  const other = await context.newPage();
  await other.goto('/t/meridian/users');
  await expect(other.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();

  const downloading = page.waitForEvent('download');
  await exportEverybody(page);
  await expect(toasts(page).getByText(/Keep the browser tab open until the export finishes/)).toBeVisible();
  await expect(toasts(other).getByText(/It runs in another tab/)).toBeVisible();
  for (const tab of [page, other])
    await expect(tab.getByRole('button', { name: 'Export users' })).toHaveAttribute('aria-disabled', 'true');
  const download = await downloading;
  const body = await readFile(await download.path());
  for (const tab of [page, other]) await expect(toasts(tab).getByText('Export complete!')).toBeVisible();
  const job = await newestJob(page);
  expect(job).toMatchObject({ status: 'completed', mode: 'sync' });
  expect(download.suggestedFilename()).toBe(job.files[0]?.name);
  expect(createHash('sha256').update(body).digest('hex')).toBe(job.files[0]?.sha256);
  // It goes away by itself, in every tab.
  for (const tab of [page, other]) await expect(toasts(tab).getByText('Export complete!')).toBeHidden();
  await expect(page.getByRole('button', { name: 'Export users' })).not.toHaveAttribute('aria-disabled', 'true');

  await features(page, { async: true, events: false });
  const { files } = await stored(page, job.definition);
  expect(body.equals(files.get('users') ?? Buffer.of())).toBe(true);

  // And without a socket.
  await features(page, { async: false, events: false });
  const deaf = await context.newPage();
  await deaf.routeWebSocket(/\/ws/, (socket) => socket.close());
  await deaf.goto('/t/meridian/users');
  const again = deaf.waitForEvent('download');
  await exportEverybody(deaf);
  await expect(toasts(deaf).getByRole('article').last()).toContainText('Export complete!');
  expect(await readFile(await (await again).path())).toEqual(body);
});

test('a file goes where the admin picked, and nothing starts where none was', async ({ page, egress }) => {
  // A real file handle, of the page's own storage: only the dialog is not there.
  await page.addInitScript(`globalThis.showSaveFilePicker = async ({ suggestedName }) => {
    if (globalThis.turnedAway) throw new DOMException('', 'AbortError');
    globalThis.picked = await (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });
    return globalThis.picked;
  }`);
  await logIn(page, egress);
  await features(page, { async: false, events: false });
  await page.evaluate('globalThis.turnedAway = true');
  let dialog = await openDialog(page);
  await dialog.getByRole('button', { name: /^Export [\d,]+ users$/ }).click();
  await expect(dialog.getByRole('button', { name: /^Export [\d,]+ users$/ })).toBeEnabled();
  expect(await newestJob(page)).toBeUndefined();
  await page.keyboard.press('Escape');

  await page.evaluate('globalThis.turnedAway = false');
  dialog = await openDialog(page);
  await dialog.getByRole('button', { name: /^Export [\d,]+ users$/ }).click();
  await expect(toasts(page).getByText('Export complete!')).toBeVisible();
  const job = await newestJob(page);
  const held = await page.evaluate<string>(`(async () => {
    const bytes = await (await globalThis.picked.getFile()).arrayBuffer();
    const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return [...sum].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  })()`);
  expect(held).toBe(job.files[0]?.sha256);
});

test.describe('a stream that is cut off', () => {
  test.use({ users: 2500 });

  test('by closing the tab, cancels the job within seconds; in mid-stream the browser asks first', async ({
    page,
    egress,
    context,
  }) => {
    await logIn(page, egress);
    await features(page, { async: false, events: false });
    let tab = await context.newPage();
    await tab.goto('/t/meridian/users');
    await exportEverybody(tab);
    await expect(toasts(tab).getByText('Preparing user export...')).toBeVisible();
    await tab.close({ runBeforeUnload: false });
    await expect(async () => expect((await newestJob(page)).status).toBe('cancelled')).toPass({ timeout: 5_000 });
    await expect(page.getByRole('button', { name: 'Export users' })).not.toHaveAttribute('aria-disabled', 'true');

    tab = await context.newPage();
    await tab.goto('/t/meridian/users');
    await exportEverybody(tab);
    await (await speed(tab))(300_000);
    await expect(toasts(tab).getByText(/^Downloading: /)).toBeVisible();
    const asked = tab.waitForEvent('dialog');
    const closing = tab.close({ runBeforeUnload: true });
    const question = await asked;
    expect(question.type()).toBe('beforeunload');
    await question.accept();
    await closing;
    await ends(page, /cancelled/);
    await expect(page.getByRole('button', { name: 'Export users' })).not.toHaveAttribute('aria-disabled', 'true');
  });

  test('by the death of the server, leaves no file, and is cancelled when it is back', async ({ page, egress }) => {
    await logIn(page, egress);
    await features(page, { async: false, events: false });
    let downloads = 0;
    page.on('download', () => downloads++);
    const throttle = await speed(page);
    await exportEverybody(page);
    await throttle(300_000);
    await expect(toasts(page).getByText(/^Downloading: /)).toBeVisible();
    const comeBack = await egress.kill();
    await throttle(-1);
    await expect(toasts(page).getByText(failed)).toBeVisible();
    await comeBack();
    await ends(page, /cancelled/);
    expect(downloads).toBe(0);
  });

  test('by the network, leaves no file and says what to do', async ({ page, egress }) => {
    await page.clock.install(); // so that the tab's patience need not be waited for
    await logIn(page, egress);
    await features(page, { async: false, events: false });
    let downloads = 0;
    page.on('download', () => downloads++);
    const throttle = await speed(page);
    await exportEverybody(page);
    await throttle(300_000);
    await expect(toasts(page).getByText(/^Downloading: /)).toBeVisible();
    await throttle(0);
    await expect(async () => {
      await page.clock.fastForward(15_000);
      await expect(toasts(page).getByText(failed)).toBeVisible({ timeout: 1_000 });
    }).toPass();
    await expect(toasts(page).getByText('Check your internet connection and retry.')).toBeVisible();
    await throttle(-1);
    await ends(page, /cancelled/);
    const downloading = page.waitForEvent('download');
    await toasts(page).getByRole('button', { name: 'Retry' }).click();
    await expect(toasts(page).getByText('Export complete!')).toBeVisible();
    await downloading;
    expect(downloads).toBe(1);
  });
});
