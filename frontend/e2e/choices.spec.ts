import type { Locator, Page } from '@playwright/test';
import { expect, logIn, meridian, test } from './egress';
import { chooseItem, openDialog } from './steps';

const filter = JSON.stringify({
  combinator: 'and',
  rules: [{ field: 'attributes.country', operator: 'is', value: 'GB' }],
});

/** Presses a control by keyboard. */
async function press(page: Page, control: Locator): Promise<void> {
  await control.focus();
  await page.keyboard.press('Enter');
}

for (const width of [1280, 320])
  test(`a filter is saved, renamed, opened by its link and deleted by keyboard, at ${width} pixels`, async ({
    page,
    egress,
    browser,
  }) => {
    await page.setViewportSize({ width, height: 800 });
    await logIn(page, egress);
    await page.goto(`/t/meridian/users?filter=${encodeURIComponent(filter)}`);
    await expect(page.getByRole('row').nth(1)).toBeVisible();
    const menu = page.getByRole('button', { name: 'Saved filters' });
    await chooseItem(page, menu, 'Save this filter');
    const saving = page.getByRole('dialog', { name: 'Save filter' });
    await expect(saving.getByRole('textbox', { name: 'Name' })).toBeFocused();
    await page.keyboard.type('Britons');
    await page.keyboard.press('Enter');
    await expect(saving).toBeHidden();
    await expect(menu).toBeFocused();

    await chooseItem(page, menu, 'Manage saved filters');
    const managing = page.getByRole('dialog', { name: 'Saved filters' });
    await press(page, managing.getByRole('button', { name: 'Rename Britons' }));
    await expect(managing.getByRole('textbox', { name: 'Name' })).toHaveValue('Britons');
    await managing.getByRole('textbox', { name: 'Name' }).press('ControlOrMeta+a');
    await page.keyboard.type('British users');
    await page.keyboard.press('Enter');
    await expect(managing.getByText('British users', { exact: true })).toBeVisible();
    await page.keyboard.press('Escape');

    // Another browser opens the link, and the filter from the menu of a list without one.
    const [saved] = (await (await page.request.get('/v4/saved-filters', meridian)).json()).results;
    const visit = await browser.newContext({ storageState: await page.context().storageState(), baseURL: egress.url });
    const colleague = await visit.newPage();
    await colleague.goto(`/t/meridian/users?saved=${saved.id}`);
    await expect(colleague.getByRole('button', { name: 'Country is GB', exact: true })).toBeVisible();
    await colleague.goto('/t/meridian/users');
    await expect(colleague.getByRole('row').nth(1)).toBeVisible();
    await chooseItem(colleague, colleague.getByRole('button', { name: 'Saved filters' }), 'British users');
    await expect(colleague.getByRole('button', { name: 'Country is GB', exact: true })).toBeVisible();
    await visit.close();

    await chooseItem(page, menu, 'Manage saved filters');
    await press(page, managing.getByRole('button', { name: 'Delete British users' }));
    await press(page, managing.getByRole('button', { name: 'Delete', exact: true }));
    await expect(managing.getByText('No saved filters yet')).toBeVisible();
    await page.goto(`/t/meridian/users?saved=${saved.id}`);
    await expect(page.getByText('This saved filter does not exist')).toBeVisible();
  });

for (const width of [1280, 320])
  test(`the export dialog starts with what was exported last in the tenant, at ${width} pixels`, async ({
    page,
    egress,
  }) => {
    await page.setViewportSize({ width, height: 800 });
    await logIn(page, egress);
    let dialog = await openDialog(page);
    const keys = () => dialog.getByRole('checkbox', { name: /^Foreign Keys/ });
    const gzip = () => dialog.getByRole('radio', { name: 'gzip' });
    await expect(keys()).not.toBeChecked();
    await keys().press('Space');
    await gzip().press('Space');
    await expect(gzip()).toBeChecked();
    await dialog.getByRole('button', { name: /^Export ([\d,]+ )?users/ }).press('Enter');
    await expect(dialog).toBeHidden();
    await expect(page.getByRole('button', { name: 'Export users' })).toBeEnabled();

    await page.reload();
    await expect(page.getByRole('row').nth(1)).toBeVisible();
    dialog = await openDialog(page);
    await expect(keys()).toBeChecked();
    await expect(gzip()).toBeChecked();

    await page.goto('/t/northgate/users');
    await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
    dialog = await openDialog(page);
    await expect(gzip()).not.toBeChecked();
  });
