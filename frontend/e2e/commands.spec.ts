import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Locator, Page } from '@playwright/test';
import { expect, logIn, meridian, test } from './egress';
import { chooseItem, expectAccessibleInBothThemes, expectNoHorizontalScroll, newestJob } from './steps';

const binaries = dirname(fileURLToPath(new URL('../../bin/egress', import.meta.url)));
const widths = [1280, 320];
const filter = { field: 'attributes.country', operator: 'is', value: 'GB' };

/** Opens the command palette by its keys, and waits until its field has the focus. */
async function openPalette(page: Page): Promise<Locator> {
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Commands' });
  await expect(palette.getByRole('combobox', { name: 'Search commands and users' })).toBeFocused();
  return palette;
}

/** Opens the command palette by its button: in the navigation, or in the menu of a narrow screen. */
async function openPaletteByButton(page: Page): Promise<Locator> {
  const button = page.getByRole('button', { name: 'Search or jump to…' });
  if (!(await button.isVisible())) {
    await page.getByRole('button', { name: 'Menu' }).click();
    await expect(page.getByRole('dialog', { name: 'Navigation' })).toBeVisible();
  }
  await button.click();
  const palette = page.getByRole('dialog', { name: 'Commands' });
  await expect(palette.getByRole('combobox', { name: 'Search commands and users' })).toBeFocused();
  return palette;
}

/** Opens a dialog or menu from its opener by Enter, closes it by Escape, and expects the focus on the opener. */
async function expectFocusBack(page: Page, opener: Locator, opened: Locator): Promise<void> {
  await opener.focus();
  await page.keyboard.press('Enter');
  await expect(opened.locator(':focus')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(opened).toBeHidden();
  await expect(opener).toBeFocused();
}

/** Starts an export over the API and waits for its end. */
async function exportOnce(page: Page): Promise<void> {
  const data = { include: { attributes: true } };
  expect((await page.request.post('/v4/user-export-jobs', { ...meridian, data })).status()).toBe(202);
  await expect(async () => expect((await newestJob(page)).status).toBe('completed')).toPass();
}

for (const width of widths) {
  test.describe(`at ${width} pixels`, () => {
    test.use({ viewport: { width, height: 800 } });

    test('the palette opens by its button, and gives the focus back', async ({ page, egress }) => {
      await logIn(page, egress);
      const palette = await openPaletteByButton(page);
      await expect(page.getByRole('dialog')).toHaveCount(1);
      await page.keyboard.press('Escape');
      await expect(palette).toBeHidden();
      const name = width < 768 ? 'Menu' : 'Search or jump to…';
      await expect(page.getByRole('button', { name })).toBeFocused();
      await openPaletteByButton(page);
      await page.keyboard.type('activity');
      await page.keyboard.press('Enter');
      await expect(page.getByRole('heading', { name: 'Activity', level: 1 })).toBeFocused();
    });

    test('the palette opens from a field, finds commands, and runs them', async ({ page, egress }) => {
      await logIn(page, egress);
      const saved = await page.request.post('/v4/saved-filters', { ...meridian, data: { name: 'Britons', filter } });
      expect(saved.status()).toBe(201);
      const search = page.getByRole('searchbox', { name: 'Search email, name or ID' });
      await search.focus();
      const palette = await openPalette(page);
      await expect(palette.getByRole('option', { name: 'Saved filters: Britons' })).toBeVisible();
      await expectAccessibleInBothThemes(page, 'command palette');
      await expectNoHorizontalScroll(page, 'command palette');

      await page.keyboard.type('zebra');
      await expect(palette.getByText('No command matches.')).toBeVisible();
      await page.keyboard.press('Escape');
      await expect(palette).toBeHidden();
      await expect(search).toBeFocused();
      await expect(search).toHaveValue('');

      await openPalette(page);
      await page.keyboard.press('Control+k');
      await expect(palette).toBeHidden();
      await expect(search).toBeFocused();

      await openPalette(page);
      await page.keyboard.type('brit');
      await page.keyboard.press('Enter');
      await expect(page.getByRole('button', { name: 'Country is GB', exact: true })).toBeVisible();
      expect(JSON.parse(new URL(page.url()).searchParams.get('filter') ?? '')).toEqual(filter);

      await openPalette(page);
      await page.keyboard.press('ArrowDown'); // from Users to Exports
      await page.keyboard.press('Enter');
      await expect(page.getByRole('heading', { name: 'Exports', level: 1 })).toBeFocused();
    });

    test('the palette opens an export, changes the theme, and finds the export dialog', async ({ page, egress }) => {
      await logIn(page, egress);
      await exportOnce(page);
      await page.reload();
      await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
      await openPalette(page);
      await page.keyboard.type('your exports');
      await expect(page.getByRole('option', { name: /^Your exports: .*, Completed, / })).toBeVisible();
      await page.keyboard.press('Enter');
      await expect(page).toHaveURL(/\/exports\/[^/]+$/);
      await expect(page.locator('h1')).toBeFocused();

      await openPalette(page);
      await page.keyboard.type('theme dark');
      await page.keyboard.press('Enter');
      await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
      await expect(page.locator('h1')).toBeFocused();

      // From another page: the title of the Users page stands in for the opener.
      await openPalette(page);
      await page.keyboard.type('export users');
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog', { name: 'Export users' });
      await expect(dialog.locator(':focus')).toHaveCount(1);
      await expect(page).toHaveURL(/\/users$/);
      await page.keyboard.press('Control+k');
      await page.keyboard.press('Shift+?');
      await expect(page.getByRole('dialog')).toHaveCount(1);
      await page.keyboard.press('Escape');
      await expect(dialog).toBeHidden();
      await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeFocused();

      // From the page itself: the search stays, and the focus returns to where the palette was opened.
      const search = page.getByRole('searchbox', { name: 'Search email, name or ID' });
      await search.fill('a');
      await expect(page).toHaveURL(/search=a$/);
      await openPalette(page);
      await page.keyboard.type('export users');
      await page.keyboard.press('Enter');
      await expect(dialog.getByRole('textbox', { name: 'Search' })).toHaveValue('a');
      await expect(dialog.locator(':focus')).toHaveCount(1); // else Escape clears the search
      await page.keyboard.press('Escape');
      await expect(dialog).toBeHidden();
      await expect(search).toBeFocused();
      await expect(page).toHaveURL(/\/users\?search=a$/);
    });

    test('"?" lists the shortcuts, except in a field', async ({ page, egress }) => {
      await logIn(page, egress);
      const search = page.getByRole('searchbox', { name: 'Search email, name or ID' });
      await page.keyboard.press('/');
      await expect(search).toBeFocused();
      await page.keyboard.press('Shift+?');
      await expect(search).toHaveValue('?');
      await expect(page.getByRole('dialog')).toHaveCount(0);

      const opener = page.getByRole('button', { name: 'Export users' });
      await opener.focus();
      await page.keyboard.press('Shift+?');
      const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
      await expect(sheet).toContainText('Open or close the command palette');
      await expectAccessibleInBothThemes(page, 'keyboard shortcuts');
      await expectNoHorizontalScroll(page, 'keyboard shortcuts');
      await page.keyboard.press('Escape');
      await expect(sheet).toBeHidden();
      await expect(opener).toBeFocused();
    });

    test('every dialog, drawer and menu returns the focus to its opener', async ({ page, egress }) => {
      await logIn(page, egress);
      await exportOnce(page);
      await page.goto(`/t/meridian/users?filter=${encodeURIComponent(JSON.stringify(filter))}`);
      const dialog = (name: string | RegExp) => page.getByRole('dialog', { name });
      const button = (name: string | RegExp) => page.getByRole('button', { name });
      const menu = page.getByRole('menu');
      await expect(page.getByRole('row').nth(1)).toBeVisible();

      await expectFocusBack(page, button('Export users'), dialog('Export users'));
      await expectFocusBack(page, button('Add rule'), dialog('Filter users'));
      await expectFocusBack(page, button(/^Country is GB$/), dialog('Filter users'));
      await expectFocusBack(page, page.getByRole('row').nth(1).getByRole('link'), page.getByRole('dialog'));
      await expectFocusBack(page, button('Saved filters'), menu);
      await chooseItem(page, button('Saved filters'), 'Save this filter');
      await expect(dialog('Save filter').locator(':focus')).toHaveCount(1);
      await expectAccessibleInBothThemes(page, 'save filter');
      await page.keyboard.press('Escape');
      await expect(dialog('Save filter')).toBeHidden();
      await expect(button('Saved filters')).toBeFocused();

      // A menu over the dialog: Escape closes the menu only.
      await button('Export users').focus();
      await page.keyboard.press('Enter');
      const exporting = dialog('Export users');
      await expectFocusBack(page, exporting.getByRole('button', { name: 'Copy as' }), menu);
      await expect(exporting).toBeVisible();
      await page.keyboard.press('Escape');
      await expect(exporting).toBeHidden();
      await expect(button('Export users')).toBeFocused();

      if (width < 768) {
        await expectFocusBack(page, button('Menu'), dialog('Navigation'));
        await button('Menu').focus();
        await page.keyboard.press('Enter');
        await dialog('Navigation').getByRole('link', { name: 'Exports' }).focus();
        await page.keyboard.press('Enter');
        await expect(dialog('Navigation')).toBeHidden();
        await expect(page.getByRole('heading', { name: 'Exports', level: 1 })).toBeFocused();
      } else {
        await expectFocusBack(page, button(/^Account: /), menu);
        await expectFocusBack(page, button(/^Theme: /), menu);
        await page.goto('/t/meridian/exports');
      }
      await expectFocusBack(page, button(/^More for /).first(), menu);
      await page.goto('/t/meridian/members');
      await expectFocusBack(page, button('Invite a member'), dialog('Invite a member'));
      await expectFocusBack(page, button(/^Sessions: /).first(), dialog(/^Sessions of /));
      await page.goto('/t/meridian/key-pairs');
      await expectFocusBack(page, button('New API key').first(), dialog('New API key'));
    });
  });
}

test('the copied commands export what the dialog and the job show', async ({ page, egress, context }) => {
  await context.grantPermissions(['clipboard-write']);
  // The page may not read the clipboard.
  await page.addInitScript(`
    const write = navigator.clipboard.writeText.bind(navigator.clipboard);
    navigator.clipboard.writeText = (text) => write(text).then(() => { globalThis.copied = text; });
  `);
  await logIn(page, egress);
  const me = await (await page.request.get('/v4/me', meridian)).json();
  const address = `/v3/admin/users/${me.user_id}/keypairs`;
  const made = await page.request.post(address, { ...meridian, data: { note: 'test' } });
  expect(made.status()).toBe(201);
  const pair = await made.json();
  const dir = await mkdtemp(join(tmpdir(), 'egress-commands-'));

  /** Chooses the item of the opener's menu, and runs the copied command in a shell. */
  const run = async (opener: Locator, item: string) => {
    await page.evaluate("globalThis.copied = ''");
    await chooseItem(page, opener, item);
    await expect(page.getByText(/command copied\. Set EGRESS_ACCESS_KEY/).last()).toBeVisible();
    await expect(opener).toBeFocused();
    await expect.poll(() => page.evaluate('copied')).not.toBe('');
    const command = await page.evaluate<string>('copied');
    expect(command).not.toContain(pair.access_key);
    const env = {
      PATH: `${binaries}${delimiter}${process.env.PATH}`,
      HOME: dir,
      EGRESS_ACCESS_KEY: pair.access_key,
      EGRESS_ACCESS_SECRET: pair.secret_key,
    };
    return promisify(execFile)('sh', ['-eu', '-c', command], { cwd: dir, env });
  };
  const files = async () => (await readdir(dir)).filter((name) => name.endsWith('.csv'));

  await page.goto(`/t/meridian/users?search=${encodeURIComponent("o'hara $HOME `id`")}`);
  await page.getByRole('button', { name: 'Export users' }).press('Enter');
  const copyAs = page.getByRole('dialog', { name: 'Export users' }).getByRole('button', { name: 'Copy as' });
  const started = JSON.parse((await run(copyAs, 'Copy as cURL')).stdout);
  expect(started.definition.users.search).toBe("o'hara $HOME `id`");
  expect(started.origin).toBe('api');
  await expect(async () => expect((await newestJob(page)).status).toBe('completed')).toPass();
  await run(copyAs, 'Copy as egress command');
  expect(await files()).toHaveLength(1);
  expect((await newestJob(page)).definition).toEqual(started.definition);

  await page.goto(`/t/meridian/exports/${started.jobId}`);
  const more = page.getByRole('button', { name: 'More', exact: true });
  await run(more, 'Copy as egress command');
  expect(await files()).toHaveLength(2);
  expect((await newestJob(page)).definition).toEqual(started.definition);
  const again = JSON.parse((await run(more, 'Copy as cURL')).stdout);
  expect(again.definition).toEqual(started.definition);
  await rm(dir, { recursive: true });
});
