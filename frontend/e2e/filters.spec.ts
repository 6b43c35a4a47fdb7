import type { Page } from '@playwright/test';
import { expect, logIn, test } from './egress';

/** Opens the filter drawer with an empty rule whose field has the focus, by keyboard. */
async function addRule(page: Page) {
  await page.getByRole('button', { name: 'Add rule' }).focus();
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog', { name: 'Filter users' });
  await expect(drawer.getByRole('combobox', { name: 'Field' }).last()).toBeFocused();
  return drawer;
}

/** Types into the list that has the focus, and takes the first option when it is offered. */
async function choose(page: Page, text: string): Promise<void> {
  await page.keyboard.type(text);
  const offered = page.locator('[role=option][data-combobox-selected]');
  await expect(offered).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(offered).toBeHidden();
}

test('an admin asks for the lapsed subscribers in Great Britain by keyboard', async ({ page, egress }) => {
  await logIn(page, egress);
  const drawer = await addRule(page);
  await choose(page, 'Country');
  await page.keyboard.press('Tab'); // operator
  await page.keyboard.press('Tab');
  await choose(page, 'united king'); // M3: the offered value, not the text
  await expect(drawer.getByRole('combobox', { name: 'Value' })).toHaveValue('GB');

  await drawer.getByRole('button', { name: 'Add rule' }).focus();
  await page.keyboard.press('Enter');
  await choose(page, 'State');
  await expect(drawer.getByRole('group', { name: 'Rule 2.1' }).getByRole('combobox', { name: 'Field' })).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await choose(page, 'exp');
  await drawer.getByRole('radiogroup', { name: 'How many subscriptions of group 2' }).getByLabel('any').focus();
  await page.keyboard.press('ArrowLeft'); // from the first to the last: all
  await expect(drawer.getByRole('region', { name: 'In words' })).toContainText(
    'Country is GB and has only subscriptions whose state is expired.',
  );
  const show = drawer.getByRole('button', { name: /^Show [\d,]+ users$/ });
  await show.focus();
  await page.keyboard.press('Enter');
  await expect(drawer).toBeHidden();
  await expect(
    page.getByRole('button', { name: 'Has only subscriptions whose state is expired', exact: true }),
  ).toBeVisible();
  await expect(page.getByRole('row').nth(1)).toBeVisible();
});

test('a wrong rule keeps the filter open and gets the focus', async ({ page, egress }) => {
  await logIn(page, egress);
  const drawer = await addRule(page);
  await choose(page, 'Age');
  await page.keyboard.press('Tab');
  await choose(page, 'between');
  await page.keyboard.press('Tab');
  await page.keyboard.type('18');
  await page.keyboard.press('Tab');
  await page.keyboard.type('twelve');
  await drawer.getByRole('button', { name: /^Show/ }).focus();
  await page.keyboard.press('Enter');
  await expect(drawer.getByRole('textbox', { name: 'To' })).toBeFocused();
  await expect(drawer.getByRole('group', { name: 'Rule 1' }).getByRole('status')).toHaveText(
    'Age is a number. “twelve” is not.',
  );
  await expect(page).not.toHaveURL(/filter=/);
});
