import { expect, logIn, test } from '../e2e/egress';
import { exportAllUsers, exportOverApi, newestJob, openDialog, removeFilePicker, toasts } from '../e2e/steps';
import {
  british,
  demoUsers,
  expectExactCount,
  inCountry,
  lapsed,
  pause,
  shownPercent,
  slowExports,
  takePictures,
  usersWith,
  withSubscriptions,
} from './scene';

test.use({ users: demoUsers });
test.beforeEach(async ({ context, page, egress }) => {
  await removeFilePicker(context);
  await logIn(page, egress);
});

const everything = { attributes: true, grants: true };
const rules = (...members: unknown[]) => ({ filter: { combinator: 'and', rules: members } });

test('users and the export dialog', async ({ page }) => {
  await page.goto(usersWith(lapsed));
  await expectExactCount(page);
  await takePictures(page, 'users');
  const dialog = await openDialog(page);
  await expect(dialog.getByRole('button', { name: /^Export [\d,]+ users$/ })).toBeVisible();
  await expect(dialog.getByRole('table').getByRole('row').nth(1)).toBeVisible();
  await takePictures(page, 'export-dialog');
});

test.describe('with many users', () => {
  test.use(slowExports);

  test('the toast of a running export', async ({ page, egress }) => {
    await page.goto(british);
    await expect(page.getByRole('row').nth(5)).toBeVisible();
    await expectExactCount(page);
    expect(await page.getByRole('table').innerText()).not.toMatch(/\p{Extended_Pictographic}/u);
    await exportAllUsers(page);
    await expect.poll(() => shownPercent(page), { intervals: [10] }).toBeGreaterThan(30);
    const resume = pause(egress);
    try {
      expect(await shownPercent(page), 'percent').toBeLessThan(90);
      await takePictures(page, 'toast');
    } finally {
      resume();
    }
    await expect(toasts(page).getByText('Export complete!')).toBeVisible();
  });
});

test('exports, a receipt and settings', async ({ page }) => {
  const definitions = [
    { include: { attributes: true } },
    { include: everything, users: rules(inCountry('FR')) },
    { include: everything, users: rules(withSubscriptions('any', 'grant.product', 'Digital Annual')) },
    { include: { attributes: true }, users: { search: 'whitfield' } },
    { include: everything, users: { filter: lapsed } },
  ];
  for (const definition of definitions) await exportOverApi(page, definition);
  const { jobId } = await newestJob(page);

  await page.goto(`/t/meridian/exports/${jobId}`);
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: /^Download \d/ }).click();
  await (await downloading).path();
  await expect(page.getByRole('region', { name: 'Timeline' }).getByText('Downloaded', { exact: true })).toBeVisible();
  await toasts(page).getByRole('button', { name: 'Dismiss all' }).click();
  await expect(toasts(page).getByRole('article')).toHaveCount(0);
  await page.reload(); // no button keeps the focus
  await expect(page.getByRole('region', { name: 'Timeline' }).getByText('Downloaded', { exact: true })).toBeVisible();
  await takePictures(page, 'receipt');

  await page.goto('/t/meridian/exports');
  await expect(page.getByRole('row').filter({ hasText: 'Completed' })).toHaveCount(definitions.length);
  await takePictures(page, 'exports');

  await page.goto('/t/meridian/settings');
  await expect(page.getByRole('img', { name: /stored, by the day of deletion$/ })).toBeVisible();
  await takePictures(page, 'settings');
});
