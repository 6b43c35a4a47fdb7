import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import type { Download, Page } from '@playwright/test';
import { SMTPServer } from 'smtp-server';
import { expect, logIn, test } from './egress';
import { exportEverybody, features, newestJob, openDialog, stored, toasts } from './steps';

const sum = async (download: Download) =>
  createHash('sha256')
    .update(await readFile(await download.path()))
    .digest('hex');

test.beforeEach(async ({ context }) => {
  await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'showSaveFilePicker'));
});

/** Starts an export of everybody with the state events of this year and the last ones. */
async function exportWithEvents(page: Page): Promise<void> {
  const dialog = await openDialog(page);
  await dialog.getByRole('checkbox', { name: 'State events' }).check();
  await dialog.getByRole('button', { name: /^Export [\d,]+ users/ }).click();
  await expect(dialog).toBeHidden();
}

test('state events whose stream breaks off leave the users file good', async ({ page, egress }) => {
  await logIn(page, egress);
  await features(page, { async: false, events: true });
  await page.route('**/streams/state_events', (route) => route.abort());
  await page.reload();
  const downloading = page.waitForEvent('download');
  await exportWithEvents(page);
  const body = await sum(await downloading);
  const toast = toasts(page).getByRole('article', { name: 'State events export failed.' });
  await expect(toast).toContainText('Check your Downloads folder for the user data CSV.');
  const job = await newestJob(page);
  expect(job.status).toBe('completed_with_errors');
  expect(job.files.map(({ sha256 }) => sha256)).toEqual([body]);
});

test('both features, on and off, are what the dialog offers and how the next export runs, with the same bytes', async ({
  page,
  egress,
  context,
}) => {
  await logIn(page, egress);
  const settings = await context.newPage();
  await settings.goto('/t/meridian/settings');
  const toast = toasts(page).getByRole('article');
  const sums: string[][] = [];
  for (const [async, events] of [
    [true, false],
    [true, true],
    [false, true],
    [false, false],
  ] as const) {
    for (const [name, on] of [
      ['Asynchronous user exports', async],
      ['State events export', events],
    ] as const) {
      const control = settings.getByRole('switch', { name });
      await expect(control).toBeEnabled();
      if ((await control.isChecked()) !== on) await control.press('Space');
      await expect(control).toBeChecked({ checked: on });
    }
    await expect(async () =>
      expect(await (await page.request.get('/v4/features')).json()).toEqual({
        'feature.asyncUserExport.enabled': async,
        'feature.stateEventsExport.enabled': events,
      }),
    ).toPass();
    await page.reload();
    const streaming = async ? undefined : page.waitForEvent('download');
    if (events) await exportWithEvents(page);
    else {
      const dialog = await openDialog(page);
      await expect(dialog.getByRole('button', { name: /^Export [\d,]+ users$/ })).toBeVisible();
      await expect(dialog.getByText('State events')).toBeHidden();
      await page.keyboard.press('Escape');
      await exportEverybody(page);
    }
    const first = await streaming; // the file of a streamed export comes by itself
    await expect(toast).toContainText(events ? 'All exports complete!' : 'Export complete!');
    const downloads = first ? [first] : [await fetched(page, /^Download/)];
    // A second one that nobody clicked for is one that browsers stop.
    if (events) downloads.push(await fetched(page, async ? /^State events/ : /^Save .*state events/i));
    const job = await newestJob(page);
    expect([job.mode, job.files.length]).toEqual([async ? 'async' : 'sync', events ? 2 : 1]);
    expect(downloads.map((one) => one.suggestedFilename())).toEqual(job.files.map(({ name }) => name));
    sums.push(await Promise.all(downloads.map(sum)));
    expect(sums.at(-1)).toEqual(job.files.map(({ sha256 }) => sha256));
    // An export in the background is dismissed by its downloads; the next one's words are to be its own.
    if (await toast.isVisible())
      await toast
        .getByRole('button', { name: 'Dismiss' })
        .click({ timeout: 10_000 })
        .catch(() => {});
    await expect(toast).toBeHidden();
  }
  const [[users] = [], both = []] = sums;
  expect(sums).toEqual([[users], both, both, [users]]);
  expect(both[0]).toBe(users);
});

/** Presses a button of the toast, and returns what it downloads. */
async function fetched(page: Page, name: RegExp): Promise<Download> {
  const downloading = page.waitForEvent('download');
  await toasts(page).getByRole('button', { name }).first().click();
  return downloading;
}

test('a tenant that streams and one that stores do so at the same time', async ({ page, egress, context }) => {
  await logIn(page, egress);
  await features(page, { async: false, events: false });
  const north = await context.newPage();
  await north.goto('/t/northgate/users');
  const downloading = page.waitForEvent('download');
  const streamed = expect(toasts(page).getByText('Export complete!')).toBeVisible();
  await exportEverybody(page);
  await exportEverybody(north);
  await Promise.all([downloading, streamed, expect(toasts(north).getByText('Export complete!')).toBeVisible()]);
  const modes = async (tenant: string) => {
    const headers = { 'Egress-Tenant': tenant };
    const { results } = await (await page.request.get('/v4/user-export-jobs', { headers })).json();
    return results.map(({ mode }: { mode: string }) => mode);
  };
  expect([await modes('meridian'), await modes('northgate')]).toEqual([['sync'], ['async']]);
});

test('an expired export says so, and runs again', async ({ page, egress }) => {
  await logIn(page, egress);
  const { job } = await stored(page, { include: { attributes: true } });
  await page.goto(`/t/meridian/exports/${job.jobId}`);
  // What the server says of a job whose files were deleted, in place of a wait of an hour.
  await page.route(`**/v4/user-export-jobs/${job.jobId}`, async (route) => {
    const answer = await (await route.fetch()).json();
    const files = answer.files.map((file: object) => ({ ...file, downloadUrl: null, downloadUrlExpiresAt: null }));
    await route.fulfill({
      json: { ...answer, status: 'expired', files, downloadUrl: null, version: answer.version + 1 },
    });
  });
  await page
    .getByRole('button', { name: /^Download/ })
    .first()
    .click();
  await expect(page.getByText(/expired|deleted/i).first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Run again' }).first()).toBeVisible();
});

test('the e-mail is kept in the outbox, and its link leads to the export', async ({ page, egress, context }) => {
  await logIn(page, egress);
  await exportEverybody(page);
  await expect(toasts(page).getByText('Export complete!')).toBeVisible();
  const { jobId } = await newestJob(page);
  await page.getByRole('navigation').getByRole('link', { name: 'Outbox' }).click();
  await expect(page.getByRole('heading', { name: 'Outbox', level: 1 })).toBeVisible();
  const link = page.frameLocator('iframe').getByRole('link').first();
  await expect(link).toHaveAttribute('href', `${egress.url}/t/meridian/exports/${jobId}`);
  const opening = context.waitForEvent('page');
  await link.click();
  const opened = await opening;
  await expect(opened.getByText('SHA-256', { exact: true })).toBeVisible();
});

test.describe('with a mail server', () => {
  const received: string[] = [];
  test.use({
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures a fixture wants from its parameters
    smtp: async ({}, use) => {
      const server = new SMTPServer({
        disabledCommands: ['AUTH', 'STARTTLS'],
        onData(stream, _session, done) {
          let text = '';
          stream.setEncoding('utf8').on('data', (part: string) => {
            text += part;
          });
          stream.on('end', () => {
            received.push(text);
            done();
          });
        },
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      await use(`smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}?starttls=offered`);
      await new Promise<void>((resolve) => server.close(resolve));
    },
  });

  test('the e-mail arrives, and its link leads to the export', async ({ page, egress }) => {
    await logIn(page, egress);
    await expect(page.getByRole('link', { name: 'Outbox' })).toBeHidden();
    await exportEverybody(page);
    await expect(toasts(page).getByText('Export complete!')).toBeVisible();
    const { jobId } = await newestJob(page);
    await expect(async () => expect(received).toHaveLength(1)).toPass();
    const text = (received[0] ?? '').replaceAll('=\r\n', '').replaceAll('=3D', '=');
    expect(text).toContain(`To: <${egress.email}>`);
    expect(text).not.toContain('X-Amz-Signature');
    const url = new RegExp(`${egress.url}/t/meridian/exports/\\w+`).exec(text)?.[0];
    expect(url).toBe(`${egress.url}/t/meridian/exports/${jobId}`);
    await page.goto(url ?? '');
    await expect(page.getByText('SHA-256', { exact: true })).toBeVisible();
    await expect(page.getByText(/e-mail.*sent/i).first()).toBeVisible();
  });
});
