import type { Page } from '@playwright/test';
import { expect, logIn, meridian, test } from './egress';
import { expectAccessibleInBothThemes, expectNoHorizontalScroll } from './steps';

const headings = (page: Page) => page.getByRole('table', { name: 'Users' }).getByRole('columnheader');
const chooser = (page: Page) => page.getByRole('dialog', { name: 'Columns' });

// Returns the ids of the users on the page, after the list shows its own rows.
async function shownIds(page: Page): Promise<(string | null)[]> {
  await expect(page.getByRole('table', { name: 'Users' })).toHaveAttribute('aria-busy', 'false');
  return page.locator('tr[data-user]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-user')));
}

// Returns the ids of the users in an order, as the API lists them.
async function orderedIds(page: Page, sort: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const next: string = cursor === null ? '' : `&cursor=${cursor}`;
    const answer = await page.request.get(`/v4/users?sort=${sort}&limit=200${next}`, meridian);
    expect(answer.ok()).toBe(true);
    const body = (await answer.json()) as { results: { user_id: string }[]; next: string | null };
    ids.push(...body.results.map(({ user_id }) => user_id));
    cursor = body.next;
  } while (cursor !== null);
  return ids;
}

async function registeredOf(page: Page, id: string): Promise<string> {
  const answer = await page.request.get(`/v4/users/${encodeURIComponent(id)}`, meridian);
  return ((await answer.json()) as { user: { registered: string } }).user.registered;
}

test('a press of a heading sorts the list, and the address keeps the order', async ({ page, egress }) => {
  await logIn(page, egress);
  const byId = await shownIds(page);
  await page.getByRole('button', { name: 'Registered' }).click();
  await expect(page).toHaveURL(/sort=-registered/);
  await expect(headings(page).filter({ hasText: 'Registered' })).toHaveAttribute('aria-sort', 'descending');
  const all = await orderedIds(page, '-registered');
  expect(new Set(all).size).toBe(500);
  await expect.poll(() => shownIds(page)).toEqual(all.slice(0, 25));

  // The first user is the newest of all.
  const rest = await orderedIds(page, 'id');
  expect([...rest].sort()).toEqual([...all].sort());
  const days = await Promise.all([all[0], all[1], all[100], all[499]].map((id) => registeredOf(page, id ?? '')));
  expect([...days].sort().reverse()).toEqual(days);

  // Pages, the drawer's neighbours, Reload and Back follow the order.
  await page.getByRole('button', { name: 'Next page' }).click();
  await expect.poll(() => shownIds(page)).toEqual(all.slice(25, 50));
  await page.reload();
  await expect.poll(() => shownIds(page)).toEqual(all.slice(25, 50));
  await page.locator('tr[data-user]').last().getByRole('link').click();
  await page.getByRole('button', { name: 'Next user' }).click();
  await expect(page).toHaveURL(new RegExp(`user=${all[50]}`));
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Previous page' }).click();
  await expect.poll(() => shownIds(page)).toEqual(all.slice(25, 50));
  await page.getByRole('button', { name: 'Last login' }).click();
  await expect(page).not.toHaveURL(/cursor=/);
  await expect.poll(() => shownIds(page)).toEqual((await orderedIds(page, '-last_login')).slice(0, 25));
  await page.goBack();
  await expect.poll(() => shownIds(page)).toEqual(all.slice(25, 50));

  // The third press of a heading gives the order of IDs back.
  await page.goto('/t/meridian/users?sort=registered');
  await page.getByRole('button', { name: 'Registered' }).click();
  await expect(page).not.toHaveURL(/sort=/);
  await expect.poll(() => shownIds(page)).toEqual(byId);
});

test('columns are chosen, moved and remembered by keyboard', async ({ page, egress }) => {
  await logIn(page, egress);
  await expect(headings(page)).toHaveText([
    'Email address',
    'Name',
    'Country',
    'User store',
    'Subscriptions',
    'Registered',
    'Last login',
  ]);
  await page.getByRole('button', { name: 'Columns' }).focus();
  await page.keyboard.press('Enter');
  await expect(chooser(page)).toBeVisible();
  await expectAccessibleInBothThemes(page, 'the column chooser');
  await chooser(page).getByRole('checkbox', { name: 'Last updated' }).focus();
  await page.keyboard.press('Space');
  await expect(headings(page).last()).toHaveText('Last updated');
  await chooser(page).getByRole('checkbox', { name: 'Subscriptions' }).focus();
  await page.keyboard.press('Space');
  await expect(headings(page).filter({ hasText: 'Subscriptions' })).toHaveCount(0);
  await chooser(page).getByRole('button', { name: 'Move Last updated up' }).focus();
  await page.keyboard.press('Enter');
  await expect(headings(page).last()).toHaveText('Last login');
  await expect(chooser(page).getByRole('button', { name: 'Move Last updated up' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Columns' })).toBeFocused();

  const chosen = ['Email address', 'Name', 'Country', 'User store', 'Registered', 'Last updated', 'Last login'];
  await expect(headings(page)).toHaveText(chosen);
  await expect
    .poll(async () => (await (await page.request.get('/v4/preferences', meridian)).json()).userColumns)
    .toEqual(['email', 'name', 'attributes.country', 'store', 'registered', 'updated', 'last_login']);

  // The first rows of the next load have the columns: no others are shown before.
  await page.addInitScript(`
    globalThis.seen = new Set();
    new MutationObserver(() => {
      if (!document.querySelector('tr[data-user]')) return;
      seen.add([...document.querySelectorAll('[role=columnheader]')].map((one) => one.textContent).join());
    }).observe(document, { subtree: true, childList: true });
  `);
  await page.reload();
  await expect(page.locator('tr[data-user]').first()).toBeVisible();
  await expect(headings(page)).toHaveText(chosen);
  expect(await page.evaluate<string[]>('[...seen]')).toEqual([chosen.join()]);

  await page.getByRole('button', { name: 'Columns' }).click();
  await chooser(page).getByRole('button', { name: 'Reset to default columns' }).click();
  await expect(headings(page).nth(4)).toHaveText('Subscriptions');
});

test('a phone chooses columns and the order', async ({ page, egress }) => {
  await page.setViewportSize({ width: 320, height: 700 });
  await logIn(page, egress);
  await page.getByRole('button', { name: 'Columns' }).click();
  await expect(chooser(page)).toBeVisible();
  await expectNoHorizontalScroll(page, 'users at 320 px');
  await expectAccessibleInBothThemes(page, 'the column chooser on a phone');
  await chooser(page).getByRole('checkbox', { name: 'Username' }).check();
  await chooser(page).getByLabel('Sort by').selectOption('Email address, descending');
  await expect(page).toHaveURL(/sort=-email_address/);
  await page.keyboard.press('Escape');
  const all = await orderedIds(page, '-email_address');
  await expect.poll(() => shownIds(page)).toEqual(all.slice(0, 25));
  await expect(page.locator('tr[data-user]').first().getByRole('cell').last()).toBeVisible();
  await expectNoHorizontalScroll(page, 'users at 320 px');
  await expectAccessibleInBothThemes(page, 'sorted users on a phone');
});
