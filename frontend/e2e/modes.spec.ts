import type { AddressInfo } from 'node:net';
import type { Download, Page } from '@playwright/test';
import { SMTPServer } from 'smtp-server';
import { expect, logIn, meridian, submitCredentials, test } from './egress';
import {
  expectAccessibleInBothThemes,
  expectNoHorizontalScroll,
  exportAllUsers,
  exportOverApi,
  fastForwardUntil,
  logInToStream,
  newestJob,
  openDialog,
  removeFilePicker,
  setFeatures,
  sha256,
  toasts,
} from './steps';

const outboxPollInterval = 10_000; // ms

test.beforeEach(async ({ context }) => {
  await removeFilePicker(context);
});

/** Starts an export of all users with the state events of this year and the last ones. */
async function exportWithEvents(page: Page): Promise<void> {
  const dialog = await openDialog(page);
  await dialog.getByRole('checkbox', { name: 'State events' }).check();
  await dialog.getByRole('button', { name: /^Export [\d,]+ users/ }).click();
  await expect(dialog).toBeHidden();
}

test('state events whose stream breaks off leave the users file intact', async ({ page, egress }) => {
  await logIn(page, egress);
  await setFeatures(page, { async: false, events: true });
  await page.route('**/streams/state_events', (route) => route.abort());
  await page.reload();
  const downloading = page.waitForEvent('download');
  await exportWithEvents(page);
  const hash = await sha256(await downloading);
  const toast = toasts(page).getByRole('article', { name: 'State events export failed.' });
  await expect(toast).toContainText('Check your Downloads folder for the user data CSV.');
  const job = await newestJob(page);
  expect(job.status).toBe('completed_with_errors');
  expect(job.files.map(({ sha256 }) => sha256)).toEqual([hash]);
});

test('both features, on and off, decide what the dialog offers and how the next export runs, with the same bytes', async ({
  page,
  egress,
  context,
}) => {
  await logIn(page, egress);
  const settings = await context.newPage();
  await settings.goto('/t/meridian/settings');
  const toast = toasts(page).getByRole('article');
  const hashes: string[][] = [];
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
      expect(await (await page.request.get('/v4/features', meridian)).json()).toEqual({
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
      await exportAllUsers(page);
    }
    const first = await streaming; // the browser saves the first file of a streamed export without a click
    await expect(toast).toContainText(events ? 'All exports complete!' : 'Export complete!');
    const downloads = first ? [first] : [await downloadFromToast(page, /^Download/)];
    // Browsers block a second download without a click.
    if (events) downloads.push(await downloadFromToast(page, async ? /^State events/ : /^Save state events/i));
    const job = await newestJob(page);
    expect([job.mode, job.files.length]).toEqual([async ? 'async' : 'sync', events ? 2 : 1]);
    expect(downloads.map((one) => one.suggestedFilename())).toEqual(job.files.map(({ name }) => name));
    hashes.push(await Promise.all(downloads.map(sha256)));
    expect(hashes.at(-1)).toEqual(job.files.map(({ sha256 }) => sha256));
    // The downloads dismiss the toast of an asynchronous export. The next export must find no toast.
    if (await toast.isVisible())
      await toast
        .getByRole('button', { name: 'Dismiss' })
        .click({ timeout: 10_000 })
        .catch(() => {});
    await expect(toast).toBeHidden();
  }
  const [[users] = [], both = []] = hashes;
  expect(hashes).toEqual([[users], both, both, [users]]);
  expect(both[0]).toBe(users);
});

/** Clicks a button of the toast, and returns the download. */
async function downloadFromToast(page: Page, name: RegExp): Promise<Download> {
  const downloading = page.waitForEvent('download');
  await toasts(page).getByRole('button', { name }).first().click();
  return downloading;
}

test('a streamed export of one tenant and a stored export of another run at the same time', async ({
  page,
  egress,
  context,
}) => {
  await logInToStream(page, egress);
  const north = await context.newPage();
  await north.goto('/t/northgate/users');
  const downloading = page.waitForEvent('download');
  const streamed = expect(toasts(page).getByText('Export complete!')).toBeVisible();
  await exportAllUsers(page);
  await exportAllUsers(north);
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
  const { job } = await exportOverApi(page, { include: { attributes: true } });
  await page.goto(`/t/meridian/exports/${job.jobId}`);
  const download = page.getByRole('button', { name: /^Download/ }).first();
  await expect(download).toBeVisible();
  // The answer of the server for a job whose files were deleted, instead of a wait of an hour.
  const files = job.files.map((file) => ({ ...file, fileUrl: null, downloadUrl: null, downloadUrlExpiresAt: null }));
  const expired = { ...job, status: 'expired', files, downloadUrl: null, version: job.version + 1 };
  await page.route(`**/v4/user-export-jobs/${job.jobId}?*`, (route) => route.fulfill({ json: expired }));
  await page.route('**/files/users/download', (route) =>
    route.fulfill({ status: 404, json: { code: 'not_found', detail: 'The files of this export were deleted.' } }),
  );
  await download.click();
  await expect(page.getByText(/expired|deleted/i).first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Run again' }).first()).toBeVisible();
});

test('the outbox keeps the email, and its link opens the export', async ({ page, egress, context }) => {
  await page.clock.install();
  await logIn(page, egress);
  await exportAllUsers(page);
  await expect(toasts(page).getByText('Export complete!')).toBeVisible();
  const { jobId } = await newestJob(page);
  await page.getByRole('navigation').getByRole('link', { name: 'Outbox' }).click();
  await expect(page.getByRole('heading', { name: 'Outbox', level: 1 })).toBeVisible();
  const link = page.frameLocator('iframe').getByRole('link').first();
  await fastForwardUntil(page, outboxPollInterval, () => expect(link).toBeVisible({ timeout: 1_000 }));
  await expect(link).toHaveAttribute('href', `${egress.url}/t/meridian/exports/${jobId}`);
  const opening = context.waitForEvent('page');
  await link.click();
  const opened = await opening;
  await expect(opened.getByText('SHA-256', { exact: true })).toBeVisible();
});

test.describe('with a mail server', () => {
  const received: string[] = [];
  test.use({
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the required fixtures from the parameter
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

  /** Waits for the nth email, and returns its decoded text. */
  async function mail(n: number): Promise<string> {
    await expect(async () => expect(received).toHaveLength(n)).toPass();
    return (received[n - 1] ?? '').replaceAll('=\r\n', '').replaceAll('=3D', '=');
  }

  test('emails about exports, invitations and forgotten passwords arrive, and their links work', async ({
    page,
    egress,
  }) => {
    await logIn(page, egress);
    await expect(page.getByRole('link', { name: 'Outbox' })).toBeHidden();
    await exportAllUsers(page);
    await expect(toasts(page).getByText('Export complete!')).toBeVisible();
    const { jobId } = await newestJob(page);
    const text = await mail(1);
    expect(text).toContain(`To: <${egress.email}>`);
    expect(text).not.toContain('X-Amz-Signature');
    const url = new RegExp(`${egress.url}/t/meridian/exports/\\w+`).exec(text)?.[0];
    expect(url).toBe(`${egress.url}/t/meridian/exports/${jobId}`);
    await page.goto(url ?? '');
    await expect(page.getByText('SHA-256', { exact: true })).toBeVisible();
    await expect(page.getByText(/email.*sent/i).first()).toBeVisible();

    // The link of an invitation is sent to the address only.
    await page.goto('/t/meridian/members');
    await page.getByRole('button', { name: 'Invite a member' }).click();
    const dialog = page.getByRole('dialog', { name: 'Invite a member' });
    await dialog.getByLabel('Email address').fill('noor@example.com');
    await dialog.getByRole('button', { name: 'Invite', exact: true }).click();
    await expect(dialog.getByText('An invitation was sent to noor@example.com.')).toBeVisible();
    await expect(dialog).not.toContainText('/invitation#');
    await dialog.getByRole('button', { name: 'Done' }).click();
    await expect(page.getByRole('button', { name: 'Send again: noor@example.com' })).toBeVisible();
    const invitation = await mail(2);
    expect(invitation).toContain('To: <noor@example.com>');
    expect(invitation).toContain(`${egress.url}/invitation#`);

    // A forgotten password, for an admin who is not logged in in this browser.
    await page.context().clearCookies();
    await page.goto('/login');
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    // The log-in page has a field of the same name, and stays until the next page is loaded.
    await expect(page.getByRole('heading', { name: 'Forgot your password?' })).toBeVisible();
    await page.getByLabel('Email address').fill(egress.second.email);
    await page.getByRole('button', { name: 'Send a link' }).click();
    await expect(page.getByText(/^If this address has an account, a link is on its way/)).toBeVisible();
    const link = new RegExp(`${egress.url}/reset#[\\w-]+`).exec(await mail(3))?.[0] ?? '';
    await page.goto(link);
    await expect(page.getByRole('heading', { name: 'Choose a new password' })).toBeVisible();
    await expect(page).toHaveURL(/\/reset$/);
    await expectAccessibleInBothThemes(page, 'reset password');
    await page.setViewportSize({ width: 320, height: 640 });
    await expectNoHorizontalScroll(page, 'reset password');
    const password = 'seven quiet harbour lamps';
    await page.getByLabel('New password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Change password' }).click();
    await expect(page.getByText('Your password was changed. Every session has ended.')).toBeVisible();
    await page.getByRole('link', { name: 'Log in' }).click();
    await submitCredentials(page, { ...egress.second, password });
    await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
  });
});
