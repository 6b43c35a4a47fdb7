import { expect, logIn, meridian, test } from './egress';
import {
  exportAllUsers,
  fastForwardUntil,
  openDialog,
  pollInterval,
  readRecords,
  sha256,
  toasts,
  withoutSocket,
} from './steps';

test('an admin filters, previews, exports, downloads, and the file contains the users of the screen', async ({
  page,
  egress,
}) => {
  await logIn(page, egress);
  await page.getByRole('button', { name: 'Add rule' }).click();
  const drawer = page.getByRole('dialog', { name: /filter/i });
  await drawer.getByRole('combobox', { name: 'Field' }).fill('Country');
  await page.getByRole('option', { name: 'Country' }).click();
  await drawer.getByLabel('Value', { exact: true }).fill('GB');
  await drawer.getByRole('button', { name: /^Show [\d,]+ users$/ }).click();
  await expect(drawer).toBeHidden();
  await expect(page).toHaveURL(/filter=/);
  await expect(page.getByRole('button', { name: 'Country is GB', exact: true })).toBeVisible();

  const dialog = await openDialog(page);
  const button = dialog.getByRole('button', { name: /^Export [\d,]+ users$/ });
  await expect(button).toBeVisible();
  const expected = Number(/[\d,]+/.exec((await button.textContent()) ?? '')?.[0].replaceAll(',', ''));
  expect(expected).toBeGreaterThan(0);
  await button.click();

  await expect(toasts(page).getByText('Export complete!')).toBeVisible();
  const downloading = page.waitForEvent('download');
  await toasts(page)
    .getByRole('button', { name: /^Download/ })
    .click();
  const download = await downloading;
  const rows = await readRecords(download);
  expect(new Set(rows.map((row) => row[0])).size, 'users in the file').toBe(expected);

  const [job] = (await (await page.request.get('/v4/user-export-jobs?limit=1', meridian)).json()).results;
  expect(rows.length).toBe(job.files[0].rows);
  expect(download.suggestedFilename()).toBe(job.files[0].name);
  expect(await sha256(download)).toBe(job.files[0].sha256);
});

test('a search is exported as the screen shows it', async ({ page, egress }) => {
  await logIn(page, egress);
  await page.getByRole('searchbox', { name: 'Search email, name or ID' }).fill('example a');
  await expect(page).toHaveURL(/search=example/);
  const figure = page.locator('dl > div', { hasText: 'match this search' }).getByRole('definition');
  await expect(figure).toContainText(/^\d/);
  // The number is followed by the share, in its own element.
  const matching = Number(await figure.evaluate((node) => node.firstChild?.textContent?.replaceAll(',', '')));
  expect(matching).toBeGreaterThan(0);

  const dialog = await openDialog(page);
  await expect(dialog.getByRole('group', { name: /carried over/ })).toContainText('Search “example a”');
  await dialog.getByRole('button', { name: /^Export [\d,]+ users$/ }).click();
  await expect(toasts(page).getByText('Export complete!')).toBeVisible();
  const downloading = page.waitForEvent('download');
  await toasts(page)
    .getByRole('button', { name: /^Download/ })
    .click();
  const rows = await readRecords(await downloading);
  expect(new Set(rows.map((row) => row[0])).size, 'users in the file').toBe(matching);

  await page.getByRole('link', { name: /^Exports/ }).click();
  await page.getByRole('link', { name: 'Search “example a”' }).first().click();
  await expect(page.getByRole('heading', { name: 'Definition' })).toBeVisible();
  const [job] = (await (await page.request.get('/v4/user-export-jobs?limit=1', meridian)).json()).results;
  expect(job.definition.users.search).toBe('example a');
});

test('a pasted link, a reload and the back button restore the filter', async ({ page, egress }) => {
  await logIn(page, egress);
  const filter = JSON.stringify({
    combinator: 'and',
    rules: [{ field: 'attributes.country', operator: 'is', value: 'GB' }],
  });
  await page.goto(`/t/meridian/users?filter=${encodeURIComponent(filter)}`);
  const pill = page.getByRole('button', { name: 'Country is GB', exact: true });
  await expect(pill).toBeVisible();
  await page.reload();
  await expect(pill).toBeVisible();
  await page.getByRole('button', { name: 'Remove: Country is GB' }).click();
  await expect(pill).toBeHidden();
  await page.goBack();
  await expect(pill).toBeVisible();
});

test.describe('while an export is live', () => {
  test.use({ env: { EGRESS_WORKERS: '0' } }); // it stays in the queue until the server starts again with a worker

  test('every tab shows the same toast: a second one, a reloaded one, one opened meanwhile', async ({
    page,
    egress,
    context,
  }) => {
    await logIn(page, egress);
    const second = await context.newPage();
    await second.goto('/t/meridian/users');
    await expect(second.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
    await exportAllUsers(page);
    for (const tab of [page, second]) await expect(toasts(tab).getByText('Preparing user export...')).toBeVisible();
    await page.reload();
    const third = await context.newPage();
    await third.goto('/t/meridian/users');
    for (const tab of [page, second, third]) {
      await expect(toasts(tab).getByText('Preparing user export...')).toBeVisible();
      await expect(tab.getByRole('button', { name: 'Export users' })).toHaveAttribute('aria-disabled', 'true');
    }
    const restart = await egress.kill();
    await restart({ EGRESS_WORKERS: '1' });
    for (const tab of [page, second, third]) await expect(toasts(tab).getByText('Export complete!')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Export users' })).not.toHaveAttribute('aria-disabled', 'true');
    await toasts(page)
      .getByRole('button', { name: /dismiss/i })
      .first()
      .click();
    for (const tab of [page, second, third]) await expect(toasts(tab).getByText('Export complete!')).toBeHidden();
  });

  test('cancelling an export ends it', async ({ page, egress }) => {
    await logIn(page, egress);
    await exportAllUsers(page);
    await page.getByRole('link', { name: /^Exports/ }).click();
    const row = page.getByRole('row').filter({ hasText: 'Everyone in all user stores' }).first();
    await row.getByRole('button', { name: /cancel/i }).click();
    await page.getByRole('button', { name: /cancel (the )?export|yes/i }).click();
    await expect(page.getByText('Cancelled').first()).toBeVisible();
  });
});

test('without a socket the console polls and shows the same', async ({ page, egress }) => {
  await page.clock.install();
  await withoutSocket(page);
  await logIn(page, egress);
  await exportAllUsers(page);
  await fastForwardUntil(page, pollInterval, async () => {
    await expect(toasts(page).getByText('Export complete!')).toBeVisible({ timeout: 1_000 });
  });
});

test('two admins at once do not disturb each other', async ({ page, egress, browser }) => {
  const other = await browser.newPage({ baseURL: egress.url });
  await Promise.all([logIn(page, egress), logIn(other, egress.second)]);
  await exportAllUsers(page);
  await expect(other.getByRole('button', { name: 'Export users' })).not.toHaveAttribute('aria-disabled', 'true');
  await expect(toasts(other)).toBeHidden();
  await exportAllUsers(other);
  for (const tab of [page, other]) await expect(toasts(tab).getByText('Export complete!')).toBeVisible();
  await other.close();
});

test('two tenants in two tabs do not mix', async ({ page, egress, context }) => {
  await logIn(page, egress);
  const north = await context.newPage();
  await north.goto('/t/northgate/users');
  await expect(north.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
  await exportAllUsers(page);
  await expect(north.getByRole('button', { name: 'Export users' })).not.toHaveAttribute('aria-disabled', 'true');
  await exportAllUsers(north);
  for (const [tab, tenant] of [
    [page, 'meridian'],
    [north, 'northgate'],
  ] as const) {
    const toast = toasts(tab).getByRole('article', { name: 'Export complete!' });
    await expect(toast).toHaveCount(1);
    const downloading = tab.waitForEvent('download');
    await toast.getByRole('button', { name: /^Download/ }).click();
    expect((await downloading).suggestedFilename()).toMatch(new RegExp(`^users_${tenant}_`));
  }
  await north.goto('/t/northgate/exports');
  const jobs = (
    await (await north.request.get('/v4/user-export-jobs', { headers: { 'Egress-Tenant': 'northgate' } })).json()
  ).results;
  expect(
    jobs.every((job: { files: { name: string }[] }) =>
      job.files.every((file) => file.name.startsWith('users_northgate_')),
    ),
  ).toBe(true);
});
