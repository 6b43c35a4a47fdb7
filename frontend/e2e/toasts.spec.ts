import type { Page, WebSocketRoute } from '@playwright/test';
import { expect, logIn, meridian, test } from './egress';
import {
  exportAllUsers,
  exportOverApi,
  logInToStream,
  newestJob,
  openDialog,
  openUsersTab,
  removeFilePicker,
  setFeatures,
  toasts,
  withOwnSocket,
} from './steps';

const everyone = { include: { attributes: true } };
const from = (country: string) => ({
  ...everyone,
  users: {
    userStoreId: 'all',
    filter: { combinator: 'and', rules: [{ field: 'attributes.country', operator: 'is', value: country }] },
  },
});

/** Runs three exports over the API, in the session of the page. */
async function exportThree(page: Page): Promise<void> {
  for (const definition of [everyone, from('GB'), from('IE')]) await exportOverApi(page, definition);
}

/** Presses Tab until the button with that name has the focus. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const button = page.getByRole('button', { name });
  for (let presses = 0; presses < 40; presses++) {
    if (await button.evaluate((element) => element.matches(':focus'))) return;
    await page.keyboard.press('Tab');
  }
  await expect(button, `Tab never reaches ${name}`).toBeFocused();
}

test('finished exports are one toast that names its export, and a fold that is dismissed at once', async ({
  page,
  egress,
}) => {
  await logIn(page, egress);
  await exportThree(page);
  await expect(toasts(page).getByRole('article')).toHaveCount(1);
  const toast = toasts(page).getByRole('article', { name: 'Export complete!' });
  await expect(toast).toContainText(/Country is IE.*, \d\d:\d\d/);
  const downloading = page.waitForEvent('download');
  await toast.getByRole('button', { name: /^Download: Country is IE/ }).click();
  const { suggestedFilename } = { suggestedFilename: (await downloading).suggestedFilename() };
  expect(suggestedFilename).toBe((await newestJob(page)).files[0]?.name);
  await expect(toasts(page).getByRole('article')).toContainText('Country is GB');
  const fold = toasts(page).getByRole('link', { name: '1 export is ready' });
  await expect(fold).toBeVisible();
  await toasts(page).getByRole('button', { name: 'Dismiss all' }).click();
  await expect(toasts(page)).toBeHidden();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
  await exportOverApi(page, from('FR')); // its toast shows that the reloaded page knows its jobs
  await expect(toasts(page).getByRole('article')).toContainText('Country is FR');
  await expect(toasts(page).getByRole('link', { name: /ready/ })).toBeHidden();
});

test('a toast leaves where the page shows its export, for good', async ({ page, egress }) => {
  await logIn(page, egress);
  const { job } = await exportOverApi(page, from('GB'));
  await exportOverApi(page, from('IE'));
  await expect(toasts(page).getByRole('article').filter({ hasText: 'Country is IE' })).toContainText('complete');
  await page.goto(`/t/meridian/exports/${job.jobId}`);
  await expect(page.getByRole('heading', { name: /Country is GB/, level: 1 })).toBeVisible();
  await expect(toasts(page).getByRole('article')).toContainText('Country is IE');
  await expect(toasts(page).getByRole('link', { name: /ready/ })).toBeHidden();
  await page.getByRole('link', { name: 'Exports', exact: true }).first().click();
  await expect(page.getByRole('heading', { name: 'Exports', level: 1 })).toBeVisible();
  await expect(toasts(page)).toBeHidden();
  await page.getByRole('link', { name: 'Users' }).click();
  await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
  await exportOverApi(page, from('FR'));
  await expect(toasts(page).getByRole('article')).toContainText('Country is FR');
  await expect(toasts(page).getByRole('link', { name: /ready/ })).toBeHidden();
});

// 720 × 450 is 1440 × 900 at a zoom of 200 %.
for (const [width, height] of [
  [1440, 900],
  [720, 450],
  [320, 640],
] as const) {
  test(`no toast covers a control that is scrolled to, at ${width} × ${height}`, async ({ page, egress }) => {
    await page.setViewportSize({ width, height });
    await logIn(page, egress);
    await exportThree(page);
    for (const path of ['users', 'key-pairs', 'members', 'audit-log', 'outbox', 'settings']) {
      await page.goto(`/t/meridian/${path}`);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(toasts(page).getByText('Export complete!')).toBeVisible();
      if (height < 600) await expect(toasts(page).getByRole('article')).toHaveCount(1);
      await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
      // The script is text: TypeScript compiles these files for Node, which has no document.
      const covered =
        await page.evaluate(`[...document.querySelectorAll('main :is(a, button, input, select, [tabindex="0"])')]
        .filter((control) => control.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
        .filter((control) => {
          control.scrollIntoView({ block: 'center' });
          const box = control.getBoundingClientRect();
          const top = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height, innerHeight) / 2);
          return top !== null && top.closest('section[aria-label="Your exports"]') !== null;
        })
        .map((control) => control.getAttribute('aria-label') ?? control.textContent)`);
      expect(covered, path).toEqual([]);
      await page.evaluate('scrollTo(0, 0)');
      const { height: tall = 0 } = (await toasts(page).boundingBox()) ?? {};
      expect(tall, `height of the toasts on ${path}`).toBeLessThan(height / 2);
    }
  });
}

for (const width of [1280, 320]) {
  test(`the focus returns from the dialog and from a toast, at ${width} pixels`, async ({ page, egress }) => {
    await page.setViewportSize({ width, height: 700 });
    await logIn(page, egress);
    const opener = page.getByRole('button', { name: 'Export users' });
    for (const how of ['Escape', 'Close', 'Cancel']) {
      await page.reload(); // so that the dialog opens for the first time
      await expect(opener).not.toHaveAttribute('aria-disabled', 'true');
      await tabTo(page, /^Export users$/);
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog', { name: 'Export users' });
      await expect(dialog).toBeVisible();
      if (how === 'Escape') await page.keyboard.press('Escape');
      else await dialog.getByRole('button', { name: how }).press('Enter');
      await expect(dialog).toBeHidden();
      await expect(opener).toBeFocused();
    }
    await page.reload();
    await expect(opener).not.toHaveAttribute('aria-disabled', 'true');
    await tabTo(page, /^Export users$/);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Export users' });
    await dialog.getByRole('button', { name: /^Export [\d,]+ users$/ }).press('Enter');
    await expect(dialog).toBeHidden();
    await expect(opener).toBeFocused();
    await expect(toasts(page).getByText('Export complete!')).toBeVisible();
    await page.keyboard.press('F6');
    await tabTo(page, /^Download/);
    const downloading = page.waitForEvent('download');
    await page.keyboard.press('Enter');
    await downloading;
    await expect(toasts(page)).toBeHidden();
    await expect(opener).toBeFocused();
  });
}

test('the receipt of the state events counts events, and no users', async ({ page, egress }) => {
  await logIn(page, egress);
  await setFeatures(page, { async: true, events: true });
  const { job } = await exportOverApi(page, { ...everyone, stateEvents: { from: null, to: null } });
  const events = job.files.find(({ kind }) => kind === 'state_events');
  await page.goto(`/t/meridian/exports/${job.jobId}`);
  const receipt = page.getByRole('region', { name: 'Receipt of the state events' });
  await expect(receipt.getByText('Events', { exact: true })).toBeVisible();
  await expect(receipt.getByRole('definition').first()).toHaveText(events?.rows.toLocaleString('en-GB') ?? '');
  await expect(receipt.getByText('Users', { exact: true })).toBeHidden();
  await expect(
    page.getByRole('region', { name: 'Receipt', exact: true }).getByText('Users', { exact: true }),
  ).toBeVisible();
  const path = `/v4/user-export-jobs/${job.jobId}/manifest?kind=state_events`;
  expect(await (await page.request.get(path, meridian)).json()).toMatchObject({
    file: { users: null },
    usersMatched: null,
  });
});

test.describe('an export that waits', () => {
  test.use({ env: { EGRESS_WORKERS: '0' } }); // nothing but this test changes the job

  for (const width of [1280, 320]) {
    test(`is amber in every place, live, and leaves that state, at ${width} pixels`, async ({ page, egress }) => {
      // Stands in for the server's messages during an outage, which the tests of the server cause.
      let socket: WebSocketRoute | undefined;
      await withOwnSocket(page);
      await page.routeWebSocket(/\/ws/, (route) => {
        socket = route;
        route.connectToServer();
      });
      await page.setViewportSize({ width, height: 700 });
      await logIn(page, egress);
      await exportAllUsers(page);
      const job = await newestJob(page);
      let { version } = job;
      const tell = (over: object) => {
        version += 1;
        socket?.send(JSON.stringify({ type: 'job', job: { ...job, status: 'downloading', ...over, version } }));
      };
      // The socket of a new page may connect after the page is shown: messages that were sent before are lost.
      const soon = { timeout: 1_000 };
      const tellUntil = (over: object, shown: () => Promise<void>) =>
        expect(async () => {
          tell(over);
          await shown();
        }).toPass();
      const retry = (seconds: number) => ({
        reason: 'storage_unavailable',
        message: 'The file storage is not responding.',
        at: new Date(Date.now() + seconds * 1_000).toISOString(),
        attempt: 4,
        of: 10,
      });
      const toast = toasts(page).getByRole('article');
      tell({ retry: retry(600) });
      await expect(toast).toContainText(
        /^Waiting.*The file storage is not responding\. Attempt 4 of 10 in .*, at \d\d:\d\d:\d\d\./,
      );
      await expect(toast).not.toContainText('Downloading');
      await expect(toast.getByRole('progressbar')).toHaveAttribute('data-tone', 'warn');
      tell({ retry: retry(-1) });
      await expect(toast).toContainText(/^Retrying.*Attempt 4 of 10 is running\./);
      tell({ retry: null });
      await expect(toast).toContainText(/^Downloading: /);
      await expect(toast.getByRole('progressbar')).toHaveAttribute('data-tone', 'live');

      await page.goto('/t/meridian/exports');
      const row = page.getByRole('row').filter({ hasText: 'Everyone in all user stores' });
      await expect(row).toContainText('Queued');
      await tellUntil({ retry: retry(600) }, () => expect(row.locator('[data-tone=warn]')).toHaveText('Waiting', soon));
      await expect(row).toContainText(/not responding\. Attempt 4 of 10 in/);
      await page.goto(`/t/meridian/exports/${job.jobId}`);
      const receipt = page.getByRole('region', { name: 'Receipt' });
      await expect(receipt).toBeVisible();
      await tellUntil({ retry: retry(600) }, () => expect(receipt).toContainText('Waiting', soon));
      await expect(receipt.getByRole('progressbar')).toHaveAttribute('data-tone', 'warn');
      await expect(page.getByText(/not responding\. Attempt 4 of 10 in/)).toBeVisible();
      tell({ retry: null });
      await expect(receipt).toContainText('Downloading: 0.0MB / 0.1MB');
    });
  }
});

test('an export whose tab is silent says so in every other tab, which can cancel it', async ({
  page,
  egress,
  context,
}) => {
  await removeFilePicker(context);
  await logInToStream(page, egress);
  await page.reload();
  await page.route('**/confirmations', () => {}); // the server never hears from the tab
  const other = await openUsersTab(context);
  await exportAllUsers(page);
  const toast = toasts(other).getByRole('article');
  await expect(toast).toContainText(
    /^Waiting.*Waiting for the tab that receives the file\. Without an answer the export is cancelled in \d+ s\./,
  );
  await toast.getByRole('button', { name: /^Show details/ }).click();
  await toast.getByRole('button', { name: /^Cancel export/ }).click();
  await toast.getByRole('button', { name: /^Cancel export/ }).click();
  await expect(toast).toContainText('Export cancelled');
  await expect(other.getByRole('button', { name: 'Export users' })).not.toHaveAttribute('aria-disabled', 'true');
});

test('the dialog warns of no export that it is starting, and a disabled button looks disabled', async ({
  page,
  egress,
}) => {
  await logIn(page, egress);
  const dialog = await openDialog(page);
  await expect(dialog).toContainText('The email about its end is kept in the Outbox.');
  const opener = page.getByRole('button', { name: 'Export users' });
  await page.route('**/v4/user-export-jobs', async (route) => {
    if (route.request().method() !== 'POST') return route.fallback();
    const answer = await route.fetch();
    // The socket tells the page of the job before the answer arrives.
    await expect(opener).toHaveAttribute('aria-disabled', 'true');
    await expect(dialog.getByRole('alert')).toBeHidden();
    await route.fulfill({ response: answer });
  });
  await dialog.getByRole('button', { name: /^Export [\d,]+ users$/ }).click();
  await expect(dialog).toBeHidden();
});
