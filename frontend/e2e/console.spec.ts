import { readFile } from 'node:fs/promises';
import { expect, logIn, meridian, submitCredentials, test } from './egress';
import { expectAccessible, expectNoHorizontalScroll, sha256 } from './steps';

test('a wrong password is refused, and the field is ready for another', async ({ page, egress }) => {
  await page.goto('/');
  await submitCredentials(page, { ...egress, password: `${egress.password}x` });
  await expect(page.getByRole('alert')).not.toBeEmpty();
  await expect(page.getByLabel('Password', { exact: true })).toBeFocused();
  await expect(page.getByLabel('Password', { exact: true })).toHaveValue('');
});

test('the log-in returns to the requested page, filter included', async ({ page, egress }) => {
  const filter = JSON.stringify({
    combinator: 'and',
    rules: [{ field: 'attributes.country', operator: 'is', value: 'GB' }],
  });
  const requested = `/t/meridian/users?${new URLSearchParams({ filter })}`;
  await page.goto(requested);
  await expect(page.getByText('you return to Users, filter included')).toBeVisible();
  await submitCredentials(page, egress);
  await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
  expect(new URL(page.url()).searchParams.get('filter')).toBe(filter);
});

test('an export started over the API appears, completes without a reload, and downloads completely', async ({
  page,
  egress,
}) => {
  await logIn(page, egress);
  await page.getByRole('navigation').getByRole('link', { name: 'Exports' }).click();
  await expect(page.getByRole('heading', { name: 'Exports', level: 1 })).toBeFocused();

  const started = await page.request.post('/v4/user-export-jobs', {
    ...meridian,
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

  const job = await (await page.request.get(`/v4/user-export-jobs/${jobId}`, meridian)).json();
  const [file] = job.files;
  expect(download.suggestedFilename()).toBe(file.name);
  expect(body.length).toBe(file.bytes);
  expect(await sha256(download)).toBe(file.sha256);
  expect(body.toString('utf8', 0, 8)).toBe('user_id,');
});

test('logging out ends the session in every tab, and the tab asks for the password on the same page', async ({
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
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Log in' })).toBeVisible();

  const dialog = other.getByRole('dialog', { name: 'Log in to continue' });
  await expect(dialog).toContainText('Your session has ended.');
  await expect(dialog.getByLabel('Password', { exact: true })).toBeFocused();
  await expectAccessible(other, 'the log-in dialog');
  await dialog.getByLabel('Password', { exact: true }).fill(egress.password);
  await dialog.getByRole('button', { name: 'Log in' }).click();
  await expect(dialog).toBeHidden();
  await expect(other).toHaveURL(/search=hart/);
});

test('the tenant switch opens another tenant, and the address names it', async ({ page, egress }) => {
  await logIn(page, egress);
  await page.getByRole('button', { name: 'Tenant: Meridian Press' }).click();
  await page.getByRole('option', { name: /Northgate Media/ }).click();
  await expect(page).toHaveURL(/\/t\/northgate\/users$/);
  await expect(page).toHaveTitle('Users · Northgate Media · Egress');
});

test('the theme is remembered, and applies before the page is loaded', async ({ page, egress }) => {
  await logIn(page, egress);
  await page.getByRole('button', { name: /^Theme/ }).click();
  await page.getByRole('menuitemradio', { name: 'Dark' }).click();
  await page.reload({ waitUntil: 'commit' });
  const root = page.locator('html');
  await expect(root).toHaveAttribute('data-mantine-color-scheme', 'dark');
  await page.goto('/docs/api/');
  await expect(root).toHaveAttribute('data-mantine-color-scheme', 'dark');
});

test('without a network the page stays, shows that it is offline, and catches up', async ({
  page,
  egress,
  context,
}) => {
  await logIn(page, egress);
  await context.setOffline(true);
  await expect(page.getByText('You are offline.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText('You are offline.')).toBeHidden();
});

test('code that comes after the page is loaded again if that failed', async ({ page, egress, context }) => {
  const failed = page.waitForEvent('requestfailed', (request) => request.url().includes('/registered-plot-'));
  await page.route(/registered-plot-/, (route) => route.abort());
  await logIn(page, egress);
  await failed;
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  await page.unroute(/registered-plot-/);
  await context.setOffline(true);
  await context.setOffline(false);
  await expect(page.getByText('Show as a table')).toBeVisible();
});

test('a menu whose code cannot be loaded says so, and opens with the next press', async ({ page, egress }) => {
  await page.route(/saved-filters-menu-/, (route) => route.abort());
  await logIn(page, egress);
  const button = page.getByRole('button', { name: 'Saved filters' });
  await button.click();
  await expect(page.getByText('The saved filters could not be loaded. Try again.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
  await page.unroute(/saved-filters-menu-/);
  await button.click();
  await expect(page.getByRole('menuitem', { name: 'No saved filters yet' })).toBeVisible();
});

test('a dialog whose code cannot be loaded says so, and opens when it can be', async ({ page, egress, context }) => {
  await page.route(/\/export-dialog-/, (route) => route.abort());
  await logIn(page, egress);
  await page.getByRole('button', { name: 'Export users' }).click();
  await expect(page.getByText('The export dialog could not be loaded.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
  await page.unroute(/\/export-dialog-/);
  await context.setOffline(true);
  await context.setOffline(false);
  await expect(page.getByRole('dialog', { name: 'Export users' })).toBeVisible();
});

test('an unknown address shows a not-found page, inside and outside a tenant', async ({ page, egress }) => {
  await logIn(page, egress);
  for (const address of ['/t/meridian/nothing', '/t/elsewhere/users', '/nothing']) {
    await page.goto(address);
    await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
    await expectAccessible(page, address);
  }
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in ${colorScheme}`, () => {
    test.use({ colorScheme });

    test('the log-in page is accessible, and fits 320 px', async ({ page }) => {
      await page.goto('/login');
      await expect(page.getByRole('heading', { name: 'Log in' })).toBeVisible();
      await expectAccessible(page, 'log in');
      await page.setViewportSize({ width: 320, height: 640 });
      await expectNoHorizontalScroll(page, 'log in');
    });

    test('the frame is accessible, wide and narrow', async ({ page, egress }) => {
      await logIn(page, egress);
      await expectAccessible(page, 'the frame, wide');
      await page.setViewportSize({ width: 320, height: 640 });
      await page.getByRole('button', { name: 'Menu' }).click();
      await expect(page.getByRole('dialog', { name: 'Navigation' })).toBeVisible();
      await expectAccessible(page, 'the frame, narrow');
      await expectNoHorizontalScroll(page, 'the frame, narrow');
    });
  });
}

// The page is long, and axe reads all of it: the other two looks are in looks/login.spec.ts.
for (const [colorScheme, width] of [
  ['light', 1440],
  ['dark', 390],
] as const) {
  test(`the API reference is accessible in ${colorScheme} at ${width} px`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    // The address of the former reference, which opened an operation too.
    await page.goto('/docs/api/#/Exports/createUserExportJob');
    await expect(page.getByRole('heading', { name: 'Egress API', level: 1 })).toBeVisible();
    await expect(page.locator('#createUserExportJob').getByText('The job was accepted.')).toBeVisible();
    await expectAccessible(page, `the API reference, ${colorScheme}, ${width} px`);
    await page.setViewportSize({ width: 320, height: 640 });
    await expectNoHorizontalScroll(page, 'the API reference');
  });
}

test('the API reference finds operations by method, path and words', async ({ page }) => {
  await page.goto('/docs/api/');
  await page.getByLabel('Find an operation').fill('post export-jobs');
  await expect(page.locator('#createUserExportJob')).toBeVisible();
  await expect(page.locator('#listUserExportJobs')).toBeHidden();
  await expect(page.getByRole('status')).toHaveText(/^\d+ of \d+ operations$/);
  // A link to a schema shows it, although the search had hidden it.
  await page.locator('#createUserExportJob summary').click();
  await page.locator('#createUserExportJob').getByRole('link', { name: 'Definition', exact: true }).click();
  await expect(page.locator('#schema-Definition')).toHaveAttribute('open', '');
  await expect(page.locator('#schema-Definition')).toBeInViewport();
});
