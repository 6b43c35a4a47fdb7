import type { BrowserContext, Page } from '@playwright/test';
import { expect, logIn, submitCredentials, test } from './egress';
import { exportAllUsers, exportSlowly, removeFilePicker, setFeatures, toasts } from './steps';

test.use({ countSockets: true });
test.beforeEach(async ({ context }) => removeFilePicker(context));

async function openUsers(context: BrowserContext): Promise<Page> {
  const tab = await context.newPage();
  await tab.goto('/t/meridian/users');
  await expect(tab.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
  return tab;
}

test('ten tabs share one socket, show the same progress and the same end, and the first one may close', async ({
  page,
  egress,
  context,
}) => {
  await logIn(page, egress);
  await setFeatures(page, { async: false, events: false });
  const others: Page[] = [];
  while (others.length < 9) others.push(await openUsers(context));
  const streams = others[4] as Page;
  const throttle = await exportSlowly(streams);
  for (const tab of [page, ...others]) {
    await expect(toasts(tab).getByText(/^Downloading: /)).toBeVisible();
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
  const other = await openUsers(context);
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
  const left = await openUsers(context);
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
