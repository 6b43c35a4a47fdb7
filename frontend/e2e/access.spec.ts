import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, logIn, test } from './egress';
import { openDialog, toasts } from './steps';

async function clean(page: Page, what: string): Promise<void> {
  // A mail in its frame may run no scripts, axe's included, which would wait for ever. What it shows is the mail's, not the console's.
  const { violations } = await new AxeBuilder({ page }).exclude('iframe').analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`),
    what,
  ).toEqual([]);
}

for (const scheme of ['light', 'dark'] as const) {
  test(`axe finds nothing on any screen, ${scheme}`, async ({ page, egress }) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.goto('/login');
    await expect(page.getByRole('button', { name: 'Log in' })).toBeVisible();
    await clean(page, 'log in');
    await logIn(page, egress);
    await expect(page.getByRole('row').nth(5)).toBeVisible();
    await clean(page, 'users');
    await page.getByRole('row').nth(1).click();
    await expect(page.getByRole('dialog')).toContainText('Attributes');
    await clean(page, 'a user');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Add rule' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await clean(page, 'filter builder');
    await page.keyboard.press('Escape');
    const dialog = await openDialog(page);
    await expect(dialog.getByRole('button', { name: /^Export [\d,]+ users$/ })).toBeVisible();
    await clean(page, 'export dialog');
    await dialog.getByRole('button', { name: /^Export [\d,]+ users$/ }).click();
    await expect(toasts(page).getByText('Export complete!')).toBeVisible();
    await clean(page, 'toast');
    await page.goto('/t/meridian/exports');
    await expect(page.getByText('Completed').first()).toBeVisible();
    await clean(page, 'exports');
    await page.getByRole('link', { name: 'Everyone in all user stores' }).first().click();
    await expect(page.getByText('SHA-256', { exact: true })).toBeVisible();
    await clean(page, 'a job');
    await page.goto('/t/meridian/settings');
    await expect(page.getByRole('switch', { name: 'State events export' })).toBeEnabled();
    await clean(page, 'settings');
    await page.goto('/t/meridian/outbox');
    await expect(page.frameLocator('iframe').getByRole('link').first()).toBeVisible();
    await clean(page, 'outbox');
    await page.goto('/t/meridian/key-pairs');
    await expect(page.getByRole('heading', { name: 'Key pairs', level: 1 })).toBeVisible();
    await expect(page.getByRole('heading', { name: 'No key pairs yet' })).toBeVisible();
    const newKeyPair = page.getByRole('button', { name: 'New key pair' });
    await expect(newKeyPair).toBeVisible();
    await clean(page, 'no key pairs');
    await newKeyPair.click();
    const making = page.getByRole('dialog', { name: 'New key pair' });
    await expect(making.getByRole('textbox', { name: 'What for' })).toBeFocused();
    await clean(page, 'new key pair');
    await page.keyboard.press('Escape');
    await expect(making).toBeHidden();
    await expect(newKeyPair).toBeFocused();
    await newKeyPair.click();
    await making.getByRole('textbox', { name: 'What for' }).fill('nightly export');
    await making.getByRole('button', { name: 'Create' }).click();
    await expect(making.getByRole('button', { name: 'Copy the secret key' })).toBeVisible();
    await clean(page, 'a secret key');
    await making.getByRole('button', { name: 'Done' }).click();
    await expect(making).toBeHidden();
    await page.getByRole('button', { name: 'Revoke: nightly export' }).click();
    await expect(page.getByRole('group', { name: 'Revoke this key pair?' })).toBeVisible();
    await clean(page, 'key pairs');
    await page.goto('/t/meridian/admins');
    await page.getByRole('button', { name: 'Invite an admin' }).click();
    const inviting = page.getByRole('dialog', { name: 'Invite an admin' });
    await expect(inviting.getByLabel('Email address')).toBeFocused();
    await clean(page, 'invite an admin');
    await inviting.getByLabel('Email address').fill('noor@example.com');
    await inviting.getByRole('button', { name: 'Invite', exact: true }).click();
    const link = await inviting.getByText('/invitation#').innerText();
    await clean(page, 'an invitation');
    await inviting.getByRole('button', { name: 'Done' }).click();
    await expect(inviting).toBeHidden();
    await page.getByRole('button', { name: 'Remove: noor@example.com' }).click();
    await expect(page.getByRole('group', { name: 'Remove this admin?' })).toBeVisible();
    await clean(page, 'admins');
    await page.goto(link);
    await expect(page.getByRole('heading', { name: 'Join Meridian Press' })).toBeVisible();
    await page.getByRole('button', { name: 'Join' }).click();
    await expect(page.getByRole('alert').getByText('This one is too short.')).toBeVisible();
    await clean(page, 'an invitation that is looked at');
    await page.goto('/t/meridian/audit-log');
    await expect(page.getByRole('heading', { name: 'Audit log', level: 1 })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Started an export' }).first()).toBeVisible();
    await clean(page, 'audit log');
    await page.goto('/t/meridian/nothing-here');
    await clean(page, 'not found');
  });
}

test('an export needs no mouse', async ({ page, egress }) => {
  await page.goto('/');
  await expect(page.getByLabel('Email address')).toBeFocused();
  await page.keyboard.type(egress.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(egress.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
  await reach(page, 'Export users');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Export users' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Export [\d,]+ users$/ })).toBeVisible();
  await reach(page, /^Export [\d,]+ users$/);
  await page.keyboard.press('Enter');
  await expect(toasts(page).getByText('Export complete!')).toBeVisible();
  await page.keyboard.press('F6');
  await reach(page, /^Download/);
  const downloading = page.waitForEvent('download');
  await page.keyboard.press('Enter');
  await downloading;
});

/** Tabs until the button of that name has the focus. */
async function reach(page: Page, name: string | RegExp): Promise<void> {
  const button = page.getByRole('button', { name });
  for (let presses = 0; presses < 80; presses++) {
    if (await button.first().evaluate((element) => element.matches(':focus'))) return;
    await page.keyboard.press('Tab');
  }
  await expect(button.first(), `Tab never reaches ${name}`).toBeFocused();
}

test('320 pixels are enough', async ({ page, egress }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await logIn(page, egress);
  const fits = () => page.evaluate<boolean>('document.documentElement.scrollWidth <= window.innerWidth');
  expect(await fits(), 'users').toBe(true);
  const dialog = await openDialog(page);
  expect(await fits(), 'export dialog').toBe(true);
  await dialog.getByRole('button', { name: /^Export [\d,]+ users$/ }).click();
  await expect(toasts(page).getByText('Export complete!')).toBeVisible();
  expect(await fits(), 'toast').toBe(true);
  await page.goto('/t/meridian/exports');
  await expect(page.getByText('Completed').first()).toBeVisible();
  expect(await fits(), 'exports').toBe(true);
  await page.goto('/t/meridian/key-pairs');
  await page.getByRole('button', { name: 'New key pair' }).click();
  const making = page.getByRole('dialog', { name: 'New key pair' });
  await making.getByRole('button', { name: 'Create' }).click();
  await expect(making.getByRole('button', { name: 'Copy the secret key' })).toBeVisible();
  expect(await fits(), 'a secret key').toBe(true);
  await making.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('button', { name: /^Revoke: / })).toBeVisible();
  expect(await fits(), 'key pairs').toBe(true);
  await page.goto('/t/meridian/admins');
  await page.getByRole('button', { name: 'Invite an admin' }).click();
  const inviting = page.getByRole('dialog', { name: 'Invite an admin' });
  await inviting.getByLabel('Email address').fill('noor@example.com');
  await inviting.getByRole('button', { name: 'Invite', exact: true }).click();
  const link = await inviting.getByText('/invitation#').innerText();
  expect(await fits(), 'an invitation').toBe(true);
  await inviting.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('button', { name: 'New link: noor@example.com' })).toBeVisible();
  expect(await fits(), 'admins').toBe(true);
  await page.goto('/t/meridian/audit-log');
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  expect(await fits(), 'audit log').toBe(true);
  await page.goto(link);
  await expect(page.getByRole('heading', { name: 'Join Meridian Press' })).toBeVisible();
  expect(await fits(), 'an invitation that is looked at').toBe(true);
});
