import type { Locator, Page } from '@playwright/test';
import { expect, logIn, test } from './egress';
import { exportAllUsers, newestJob, openDialog, setFeatures, toasts } from './steps';

const cut = (all: Locator) =>
  all.evaluateAll((elements) =>
    elements
      .filter((element) => element.scrollWidth > element.clientWidth && element.checkVisibility())
      .map(({ textContent }) => textContent),
  );

/** Sets the width of the window. */
const resize = (page: Page, width: number) => page.setViewportSize({ width, height: 800 });

test('dates of the users, and their heads, are never cut', async ({ page, egress }) => {
  await logIn(page, egress);
  const between = (field: string) => ({ field, operator: 'between', from: '2001-01-01', to: null });
  const filter = { combinator: 'and', rules: [between('registered'), between('last_login')] }; // marks both heads
  await page.goto(`/t/meridian/users?${new URLSearchParams({ filter: JSON.stringify(filter) })}`);
  const table = page.getByRole('table', { name: 'Users' });
  const dates = table.locator(
    ':is([data-column="registered"], [data-column="login"]), :is([data-column="registered"], [data-column="login"]) *',
  );
  await expect(table.getByRole('link').first()).toBeVisible();
  for (const width of [900, 1000, 1100, 1239, 1240, 1280, 1440, 1920]) {
    await resize(page, width);
    expect(await cut(dates), `${width} px`).toEqual([]);
  }
});

test('cards of users count as high before they are laid out as after', async ({ page, egress }) => {
  await logIn(page, egress);
  const rows = page.locator('tr[data-user]');
  const heights = () => rows.evaluateAll((all) => all.map((row) => row.getBoundingClientRect().height));
  for (const width of [390, 320]) {
    await resize(page, width);
    await page.goto('/t/meridian/users');
    await expect(rows.first()).toBeVisible();
    const before = await heights();
    await page.addStyleTag({ content: 'tr[data-user] { content-visibility: visible !important }' });
    expect(before, `${width} px`).toEqual(await heights());
  }
});

test('the export button is read whole at 320 px', async ({ page, egress }) => {
  await logIn(page, egress);
  await setFeatures(page, { async: true, events: true });
  await page.reload();
  await resize(page, 320);
  const dialog = await openDialog(page);
  await dialog.getByRole('checkbox', { name: 'State events' }).check();
  const button = dialog.getByRole('button', { name: /^Export [\d,]+ users and state events$/ });
  await expect(button).toBeVisible();
  expect(await cut(button.locator('*'))).toEqual([]);
});

test('switches keep their thumb in forced colors', async ({ page, egress }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await logIn(page, egress);
  await page.goto('/t/meridian/settings');
  for (const name of ['Asynchronous user exports', 'State events export']) {
    const track = page.getByRole('switch', { name }).locator('xpath=following-sibling::*[1]');
    const colorOf = (one: Locator) =>
      one.evaluate((element): string => element.ownerDocument.defaultView.getComputedStyle(element).backgroundColor);
    const ground = await colorOf(track);
    const thumb = await colorOf(track.locator('> *').first());
    expect(thumb, name).toMatch(/^rgb\(/);
    expect(thumb, name).not.toBe(ground);
  }
});

test('a page prints without the navigation, and as long as it is', async ({ page, egress }) => {
  await logIn(page, egress);
  await expect(page.getByRole('table', { name: 'Users' }).getByRole('link').first()).toBeVisible();
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeHidden();
  const sheet = page.locator('#sheet-scroller');
  expect(await sheet.evaluate(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight)).toBe(0);
});

test('on a phone the outbox is a list, and an email a page of its own', async ({ page, egress }) => {
  await logIn(page, egress);
  await exportAllUsers(page);
  await expect(toasts(page).getByText('Export complete!')).toBeVisible();
  await toasts(page)
    .getByRole('button', { name: /^Dismiss/ })
    .click();
  const { files } = await newestJob(page);
  await resize(page, 390);
  const list = page.getByRole('navigation', { name: 'Emails' });
  await expect(async () => {
    await page.goto('/t/meridian/outbox');
    await expect(list.getByRole('link').first()).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await expect(page.getByTitle('The email')).toBeHidden();
  const rows = (files[0]?.rows ?? 0).toLocaleString('en');
  await list.getByRole('link', { name: `Your user export is ready: ${rows} rows, Meridian Press` }).click();
  await expect(page.getByTitle('The email')).toBeVisible();
  await expect(list).toBeHidden();
  await page.getByRole('link', { name: 'All emails' }).click();
  await expect(list).toBeVisible();
});

for (const width of [320, 1280]) {
  test(`a notice covers no control of a dialog at ${width} px`, async ({ page, egress, context }) => {
    await context.grantPermissions(['clipboard-write', 'clipboard-read']);
    await logIn(page, egress);
    await resize(page, width);
    const dialog = await openDialog(page);
    await expect(dialog.getByRole('button', { name: /^Export [\d,]+ users$/ })).toBeVisible();
    await dialog.getByRole('button', { name: 'Copy as' }).click();
    await dialog.getByRole('menuitem', { name: 'Copy as cURL' }).click();
    const notice = page.getByRole('alert').filter({ hasText: 'cURL command copied' });
    await expect(notice).toBeVisible();
    const over = await notice.boundingBox();
    const buttons = ['Close', 'Copy as', 'Cancel', /^Export [\d,]+ users$/].map((name) =>
      dialog.getByRole('button', { name, exact: true }),
    );
    for (const control of [...buttons, dialog.getByRole('combobox', { name: 'User store' })]) {
      const box = await control.boundingBox();
      if (!over || !box) throw new Error(`not shown: ${control}`);
      const leftOrRight = box.x >= over.x + over.width || box.x + box.width <= over.x;
      const aboveOrBelow = box.y >= over.y + over.height || box.y + box.height <= over.y;
      expect(leftOrRight || aboveOrBelow, `${control}`).toBe(true);
    }
  });
}

test('the buttons of a filter of two rules stay in the line of the search at 1440 px', async ({ page, egress }) => {
  await logIn(page, egress);
  await resize(page, 1440);
  const rules = [
    { field: 'attributes.country', operator: 'is_not', value: 'GB' },
    { field: 'registered', operator: 'between', from: '2025-01-31', to: '2026-12-31' },
  ];
  const filter = JSON.stringify({ combinator: 'and', rules });
  await page.goto(`/t/meridian/users?${new URLSearchParams({ filter })}`);
  const middle = async (one: Locator) => {
    const box = await one.boundingBox();
    return Math.round((box?.y ?? 0) + (box?.height ?? 0) / 2);
  };
  const line = await middle(page.getByRole('searchbox', { name: /^Search/ }));
  for (const name of ['Saved filters', 'Edit filter', 'Clear filter'])
    expect(await middle(page.getByRole('button', { name })), name).toBe(line);
});

test('the consequences of the file are read above the preview at 1440 × 900', async ({ page, egress }) => {
  await logIn(page, egress);
  await page.setViewportSize({ width: 1440, height: 900 });
  const dialog = await openDialog(page);
  const preview = dialog.getByRole('region', { name: 'First rows', exact: true });
  await expect(dialog.getByRole('region', { name: 'First rows of the file' }).getByRole('row').nth(1)).toBeVisible();
  const strip = await preview.boundingBox();
  const lines = dialog.getByRole('listitem');
  await expect(lines.first()).toContainText('All characters are kept');
  for (const line of await lines.all()) {
    const box = await line.boundingBox();
    expect((box?.y ?? 0) + (box?.height ?? 0), await line.innerText()).toBeLessThanOrEqual(strip?.y ?? 0);
  }
});

test('who requested an export is read whole at 1440 px', async ({ page, egress }) => {
  await logIn(page, egress);
  await resize(page, 1440);
  await exportAllUsers(page);
  await expect(toasts(page).getByText('Export complete!')).toBeVisible();
  await page.goto('/t/meridian/exports');
  const requester = page.getByRole('table', { name: 'Exports' }).getByTitle(egress.email);
  await expect(requester).toBeVisible();
  expect(await cut(requester)).toEqual([]);
});
