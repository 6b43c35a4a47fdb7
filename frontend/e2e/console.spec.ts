import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, giveCredentials, logIn, test } from './egress';

async function expectAccessible(page: Page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

// As text: these files are Node's, and know no document.
const width = 'document.documentElement.scrollWidth';

test('a wrong password is refused, and the field is ready for another', async ({ page, egress }) => {
  await page.goto('/');
  await giveCredentials(page, { ...egress, password: `${egress.password}x` });
  await expect(page.getByRole('alert')).not.toBeEmpty();
  await expect(page.getByLabel('Password', { exact: true })).toBeFocused();
  await expect(page.getByLabel('Password', { exact: true })).toHaveValue('');
});

test('after the log-in one is where one wanted to be, filter included', async ({ page, egress }) => {
  const filter = JSON.stringify({
    combinator: 'and',
    rules: [{ field: 'attributes.country', operator: 'is', value: 'GB' }],
  });
  const wanted = `/t/meridian/users?${new URLSearchParams({ filter })}`;
  await page.goto(wanted);
  await expect(page.getByText('you are back at Users, filter included')).toBeVisible();
  await giveCredentials(page, egress);
  await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
  expect(new URL(page.url()).searchParams.get('filter')).toBe(filter);
});

test('an export that is started over the API appears, completes without a reload, and downloads whole', async ({
  page,
  egress,
}) => {
  await logIn(page, egress);
  await page.getByRole('navigation').getByRole('link', { name: 'Exports' }).click();
  await expect(page.getByRole('heading', { name: 'Exports', level: 1 })).toBeFocused();

  const started = await page.request.post('/v4/user-export-jobs', {
    data: { include: { attributes: true, grants: true } },
  });
  expect(started.status()).toBe(202);
  const { jobId, words } = await started.json();

  const row = page.getByRole('row').filter({ hasText: words }).first();
  await expect(row).toContainText('Completed');

  const downloading = page.waitForEvent('download');
  await row.getByRole('button', { name: /^Download/ }).click();
  const download = await downloading;
  const body = await readFile(await download.path());

  const job = await (await page.request.get(`/v4/user-export-jobs/${jobId}`)).json();
  const [file] = job.files;
  expect(download.suggestedFilename()).toBe(file.name);
  expect(body.length).toBe(file.bytes);
  expect(createHash('sha256').update(body).digest('hex')).toBe(file.sha256);
  expect(body.toString('utf8', 0, 8)).toBe('user_id,');
});

test('logging out ends the session in every tab, which asks for the password in place', async ({
  page,
  egress,
  context,
}) => {
  await logIn(page, egress);
  const other = await context.newPage();
  await other.goto('/t/meridian/users?search=hart');
  await expect(other.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();

  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await expect(page.getByRole('heading', { name: 'Log in' })).toBeVisible();

  const dialog = other.getByRole('dialog', { name: 'Log in to go on' });
  await expect(dialog).toContainText('Your session has ended.');
  await expect(dialog.getByLabel('Password', { exact: true })).toBeFocused();
  await expectAccessible(other);
  await dialog.getByLabel('Password', { exact: true }).fill(egress.password);
  await dialog.getByRole('button', { name: 'Log in' }).click();
  await expect(dialog).toBeHidden();
  await expect(other).toHaveURL(/search=hart/);
});

test('another tenant is one choice away, and its address says so', async ({ page, egress }) => {
  await logIn(page, egress);
  await page.getByRole('button', { name: 'Tenant: Meridian Press' }).click();
  await page.getByRole('option', { name: /Northgate Media/ }).click();
  await expect(page).toHaveURL(/\/t\/northgate\/users$/);
  await expect(page).toHaveTitle('Users · Northgate Media · Egress');
});

test('the theme is remembered, and is there before the page is', async ({ page, egress }) => {
  await logIn(page, egress);
  await page.getByRole('button', { name: /^Theme/ }).click();
  await page.getByRole('menuitemradio', { name: 'Dark' }).click();
  await page.reload({ waitUntil: 'commit' });
  const root = page.locator('html');
  await expect(root).toHaveAttribute('data-mantine-color-scheme', 'dark');
  await page.goto('/docs/api/');
  await expect(root).toHaveClass(/dark-mode/);
});

test('without a network the page stays, says since when, and catches up', async ({ page, egress, context }) => {
  await logIn(page, egress);
  await context.setOffline(true);
  await expect(page.getByText('You are offline.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText('You are offline.')).toBeHidden();
});

test('an address that is no page says so, inside and outside of a tenant', async ({ page, egress }) => {
  await logIn(page, egress);
  for (const address of ['/t/meridian/nothing', '/t/elsewhere/users', '/nothing']) {
    await page.goto(address);
    await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible();
  }
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in ${colorScheme}`, () => {
    test.use({ colorScheme });

    test('the log-in page is accessible, and fits 320 px', async ({ page }) => {
      await page.goto('/login');
      await expect(page.getByRole('heading', { name: 'Log in' })).toBeVisible();
      await expectAccessible(page);
      await page.setViewportSize({ width: 320, height: 640 });
      expect(await page.evaluate(width)).toBeLessThanOrEqual(320);
    });

    test('the frame is accessible, wide and narrow', async ({ page, egress }) => {
      await logIn(page, egress);
      await expectAccessible(page);
      await page.setViewportSize({ width: 320, height: 640 });
      await page.getByRole('button', { name: 'Menu' }).click();
      await expect(page.getByRole('dialog', { name: 'Navigation' })).toBeVisible();
      await expectAccessible(page);
      expect(await page.evaluate(width)).toBeLessThanOrEqual(320);
    });
  });
}

test('the API reference is drawn from the document that the server answers', async ({ page }) => {
  await page.goto('/docs/api/');
  await expect(page.getByRole('heading', { name: /Egress API/ })).toBeVisible();
  await page.getByText('/v4/user-export-jobs', { exact: true }).first().click();
  await expect(page.getByText('The job was accepted.')).toBeVisible();
});
