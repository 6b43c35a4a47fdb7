import type { Page } from '@playwright/test';
import { expect, logIn, submitCredentials, test } from './egress';
import {
  exportAllUsers,
  exportSlowly,
  logInToStream,
  newestJob,
  openUsersTab,
  removeFilePicker,
  toasts,
} from './steps';

test.use({ countSockets: true });
test.beforeEach(async ({ context }) => removeFilePicker(context));

const users = 'Users · Meridian Press · Egress';

/** Makes the page believe that it is hidden, or visible. Pages without a window are always visible. */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate(`{
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: '${hidden ? 'hidden' : 'visible'}' });
    document.dispatchEvent(new Event('visibilitychange'));
  }`);
}

const icon = (page: Page) => page.locator('link[rel="icon"]');

test('ten tabs share one socket, show the same progress and the same end, and the first one may close', async ({
  page,
  egress,
  context,
}) => {
  await logInToStream(page, egress);
  const others: Page[] = [];
  while (others.length < 9) others.push(await openUsersTab(context));
  const streams = others[4] as Page;
  const throttle = await exportSlowly(streams);
  for (const tab of [page, ...others]) {
    // The server has sent the small file, so the other tabs soon say that it waits for the tab that receives it.
    await expect(toasts(tab).getByText(/^(Downloading: |Waiting for the tab)/)).toBeVisible();
    await expect(toasts(tab).getByRole('progressbar')).toHaveAttribute('aria-valuenow', /^[1-9]/);
    await expect(tab.getByRole('button', { name: 'Export users' })).toHaveAttribute('aria-disabled', 'true');
  }
  expect(egress.sockets?.open()).toBe(1);
  await page.close();
  await throttle(-1);
  for (const tab of others) {
    await expect(toasts(tab).getByText('Export complete!')).toBeVisible();
    await expect(tab.getByRole('button', { name: 'Export users' })).not.toHaveAttribute('aria-disabled', 'true');
  }
  expect(egress.sockets?.open()).toBe(1);
  expect(egress.sockets?.opened(), 'sockets opened in all').toBe(1);
  for (const tab of others) await tab.close();
  await expect.poll(() => egress.sockets?.open()).toBe(0);
});

test('tabs go on when the worker that they share ends', async ({ page, egress, context, browser }) => {
  await logIn(page, egress);
  const other = await openUsersTab(context);
  await expect.poll(() => egress.sockets?.open()).toBe(1);
  const session = await browser.newBrowserCDPSession();
  const { targetInfos } = await session.send('Target.getTargets');
  const worker = targetInfos.find(({ type }) => type === 'shared_worker');
  await session.send('Target.closeTarget', { targetId: worker?.targetId ?? 'none' });
  await expect.poll(() => egress.sockets?.opened()).toBe(2);
  await exportAllUsers(page);
  for (const tab of [page, other]) await expect(toasts(tab).getByText('Export complete!')).toBeVisible();
  expect(egress.sockets?.open()).toBe(1);
});

test('a tab of an admin who was replaced by another one shows nothing of the other', async ({
  page,
  egress,
  context,
}) => {
  await logIn(page, egress);
  const left = await openUsersTab(context);
  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await expect(left.getByRole('dialog', { name: 'Log in to continue' })).toBeVisible();
  await page.goto('/t/meridian/users');
  await submitCredentials(page, egress.second);
  await exportAllUsers(page);
  await expect(toasts(page).getByText('Export complete!')).toBeVisible();
  await expect(left.getByRole('dialog', { name: 'Log in to continue' })).toBeVisible();
  await expect(toasts(left)).toBeHidden();
});

test('the title and the icon show the progress, and the end until somebody looks at the tab', async ({
  page,
  egress,
  context,
}) => {
  await logInToStream(page, egress);
  const other = await openUsersTab(context);
  await setHidden(other, true);
  await expect(icon(other)).toHaveAttribute('href', '/favicon.svg');
  const throttle = await exportSlowly(page);
  for (const tab of [page, other]) {
    await expect(tab).toHaveTitle(/^[1-9]\d?% · Users · Meridian Press · Egress$/);
    await expect(icon(tab)).toHaveAttribute('href', /^data:image\/svg\+xml,/);
  }
  await throttle(-1);
  await expect(page).toHaveTitle(users);
  await expect(icon(page)).toHaveAttribute('href', '/favicon.svg');
  await expect(other).toHaveTitle(`Export complete! · ${users}`);
  await expect(icon(other)).toHaveAttribute('href', /^data:image\/svg\+xml,/);
  await setHidden(other, false);
  await expect(other).toHaveTitle(users);
  await expect(icon(other)).toHaveAttribute('href', '/favicon.svg');
});

test('one notification says that the export has ended while no tab was visible, and opens it', async ({
  page,
  egress,
  context,
}) => {
  await context.grantPermissions(['notifications']);
  await context.addInitScript(`{
    globalThis.notified = [];
    globalThis.Notification = class extends Notification {
      constructor(title, options) {
        super(title, options);
        globalThis.notified.push({ title, body: options.body, click: () => this.onclick() });
      }
    };
  }`);
  await logInToStream(page, egress);
  const tabs = [page, await openUsersTab(context), await openUsersTab(context)];
  await expect.poll(() => egress.sockets?.opened()).toBe(1);
  const notified = (tab: Page) => tab.evaluate<number>('globalThis.notified.length');

  // Nothing while one of the tabs is visible.
  let throttle = await exportSlowly(page);
  for (const tab of tabs.slice(1)) await setHidden(tab, true);
  await throttle(-1);
  for (const tab of tabs) await expect(toasts(tab).getByText('Export complete!')).toBeVisible();
  expect(await Promise.all(tabs.map(notified))).toEqual([0, 0, 0]);

  throttle = await exportSlowly(page);
  for (const tab of tabs) await setHidden(tab, true);
  await throttle(-1);
  for (const tab of tabs) await expect(tab).toHaveTitle(`Export complete! · ${users}`);
  const last = tabs[2] as Page; // it was hidden last
  await expect.poll(() => Promise.all(tabs.map(notified))).toEqual([0, 0, 1]);
  const { title, body } = await last.evaluate<{ title: string; body: string }>(
    '(({ title, body }) => ({ title, body }))(globalThis.notified[0])',
  );
  expect([title, body]).toEqual(['Export complete!', 'Meridian Press\nSaved to your Downloads folder']);
  await last.evaluate('globalThis.notified[0].click()');
  await expect(last).toHaveURL(new RegExp(`/t/meridian/exports/${(await newestJob(page)).jobId}$`));
});
