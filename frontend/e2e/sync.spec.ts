import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, test } from './egress';
import {
  exportAllUsers,
  exportOverApi,
  exportSlowly,
  fastForwardUntil,
  logInToStream,
  newestJob,
  openDialog,
  openUsersTab,
  pollInterval,
  removeFilePicker,
  setFeatures,
  streamSlowly,
  toastDuration,
  toasts,
  withoutSocket,
} from './steps';

const failed = 'Export failed. Please try again.';
const stallTimeout = 15_000; // ms without a byte after which the page asks the server

/** Waits until the status of the newest job matches. */
async function expectStatus(page: Page, status: RegExp): Promise<void> {
  await expect(async () => expect((await newestJob(page)).status).toMatch(status)).toPass();
}

test.beforeEach(async ({ context }) => removeFilePicker(context));

test('a streamed export has the bytes of a stored one, and completes when the tab has confirmed them', async ({
  page,
  egress,
  context,
}) => {
  await page.clock.install();
  await logInToStream(page, egress);
  const other = await openUsersTab(context);

  const downloading = page.waitForEvent('download');
  const throttle = await exportSlowly(page);
  await expect(toasts(page).getByText(/Keep the browser tab open until the export finishes/)).toBeVisible();
  await expect(toasts(other).getByText(/It runs in another tab/)).toBeVisible();
  for (const tab of [page, other])
    await expect(tab.getByRole('button', { name: 'Export users' })).toHaveAttribute('aria-disabled', 'true');
  await throttle(-1);
  const download = await downloading;
  const body = await readFile(await download.path());
  for (const tab of [page, other]) await expect(toasts(tab).getByText('Export complete!')).toBeVisible();
  const job = await newestJob(page);
  expect(job).toMatchObject({ status: 'completed', mode: 'sync' });
  expect(download.suggestedFilename()).toBe(job.files[0]?.name);
  expect(createHash('sha256').update(body).digest('hex')).toBe(job.files[0]?.sha256);
  // The toast disappears after a while, in every tab.
  await fastForwardUntil(page, toastDuration, async () => {
    for (const tab of [page, other])
      await expect(toasts(tab).getByText('Export complete!')).toBeHidden({ timeout: 1_000 });
  });
  await expect(page.getByRole('button', { name: 'Export users' })).not.toHaveAttribute('aria-disabled', 'true');

  await setFeatures(page, { async: true, events: false });
  const { files } = await exportOverApi(page, job.definition);
  expect(body.equals(files.get('users') ?? Buffer.of())).toBe(true);

  // The same without a socket.
  await setFeatures(page, { async: false, events: false });
  const deaf = await context.newPage();
  await withoutSocket(deaf);
  await deaf.goto('/t/meridian/users');
  const again = deaf.waitForEvent('download');
  await exportAllUsers(deaf);
  await fastForwardUntil(page, pollInterval, async () => {
    const toast = toasts(deaf).getByRole('article').last();
    await expect(toast).toContainText('Export complete!', { timeout: 1_000 });
  });
  expect(await readFile(await (await again).path())).toEqual(body);
});

test('a file is written where the admin picked, and without a pick nothing starts', async ({ page, egress }) => {
  // A real file handle of the page's own storage replaces the picker's dialog.
  await page.addInitScript(`globalThis.showSaveFilePicker = async ({ suggestedName }) => {
    if (globalThis.pickerCancelled) throw new DOMException('', 'AbortError');
    globalThis.picked = await (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });
    return globalThis.picked;
  }`);
  await logInToStream(page, egress);
  await page.evaluate('globalThis.pickerCancelled = true');
  let dialog = await openDialog(page);
  await dialog.getByRole('button', { name: /^Export [\d,]+ users$/ }).click();
  await expect(dialog.getByRole('button', { name: /^Export [\d,]+ users$/ })).toBeEnabled();
  expect(await newestJob(page)).toBeUndefined();
  await page.keyboard.press('Escape');

  await page.evaluate('globalThis.pickerCancelled = false');
  dialog = await openDialog(page);
  await dialog.getByRole('button', { name: /^Export [\d,]+ users$/ }).click();
  await expect(toasts(page).getByText('Export complete!')).toBeVisible();
  const job = await newestJob(page);
  const hash = await page.evaluate<string>(`(async () => {
    const bytes = await (await globalThis.picked.getFile()).arrayBuffer();
    const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return [...sum].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  })()`);
  expect(hash).toBe(job.files[0]?.sha256);
});

test.describe('a stream that is cut off', () => {
  test('by closing the tab, cancels the job within seconds; during the download the browser asks first', async ({
    page,
    egress,
    context,
  }) => {
    await logInToStream(page, egress);
    let tab = await openUsersTab(context);
    await exportSlowly(tab);
    await expect(toasts(tab).getByText(/^(Preparing user export|Downloading: )/)).toBeVisible();
    await tab.close({ runBeforeUnload: false });
    await expectStatus(page, /cancelled/);
    await expect(page.getByRole('button', { name: 'Export users' })).not.toHaveAttribute('aria-disabled', 'true');

    tab = await openUsersTab(context);
    await exportSlowly(tab);
    await expect(toasts(tab).getByText(/^Downloading: /)).toBeVisible();
    const opening = tab.waitForEvent('dialog');
    const closing = tab.close({ runBeforeUnload: true });
    const question = await opening;
    expect(question.type()).toBe('beforeunload');
    await question.accept();
    await closing;
    await expectStatus(page, /cancelled/);
    await expect(page.getByRole('button', { name: 'Export users' })).not.toHaveAttribute('aria-disabled', 'true');
  });

  test('by a log-out or by another account, asks nothing, and opens the log-in page', async ({ page, egress }) => {
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.accept();
    });
    for (const leave of ['Log out', 'Use another account']) {
      await logInToStream(page, egress);
      const { throttle } = await streamSlowly(page);
      if (leave === 'Log out') await page.getByRole('button', { name: /^Account/ }).click();
      else await page.request.post('/v3/admin/logout', { headers: { Origin: egress.url } });
      await page.getByRole(leave === 'Log out' ? 'menuitem' : 'button', { name: leave }).click();
      await expect(page.getByRole('heading', { name: 'Log in', exact: true })).toBeVisible();
      await throttle(-1);
    }
    await expect(page).toHaveURL(/\/login\?return=%2Ft%2Fmeridian%2Fusers$/);
    expect(asked).toEqual([]);
  });

  test('by a crash of the server, leaves no file, and is cancelled after the restart', async ({ page, egress }) => {
    await page.clock.install();
    await logInToStream(page, egress);
    const { throttle, saved } = await streamSlowly(page);
    const restart = await egress.kill();
    await throttle(-1);
    await fastForwardUntil(page, stallTimeout, async () => {
      await expect(toasts(page).getByText(failed)).toBeVisible({ timeout: 1_000 });
    });
    await restart();
    await expectStatus(page, /cancelled/);
    expect(saved()).toBe(0);
  });

  test('by the network, leaves no file and tells the admin what to do', async ({ page, egress }) => {
    await page.clock.install();
    await logInToStream(page, egress);
    const { throttle, saved } = await streamSlowly(page);
    await throttle(0);
    await fastForwardUntil(page, stallTimeout, async () => {
      await expect(toasts(page).getByText(failed)).toBeVisible({ timeout: 1_000 });
    });
    await expect(toasts(page).getByText('Check your internet connection and retry.')).toBeVisible();
    await throttle(-1);
    await expectStatus(page, /cancelled/);
    const downloading = page.waitForEvent('download');
    await toasts(page).getByRole('button', { name: 'Retry' }).click();
    await expect(toasts(page).getByText('Export complete!')).toBeVisible();
    await downloading;
    expect(saved()).toBe(1);
  });
});
