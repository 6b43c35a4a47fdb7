import type { Page } from '@playwright/test';
import { expect, logIn, test } from './egress';
import { expectAccessibleInBothThemes, expectNoHorizontalScroll, openDialog, toasts } from './steps';

test('axe finds nothing on the pages of the log-in, the users, the exports and the outbox', async ({
  page,
  egress,
}) => {
  await page.goto('/login');
  await expect(page.getByRole('button', { name: 'Log in' })).toBeVisible();
  await expectAccessibleInBothThemes(page, 'log in');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await expect(page.getByLabel('Email address')).toBeFocused();
  await expectAccessibleInBothThemes(page, 'forgot password');
  await page.keyboard.type(egress.email);
  await page.keyboard.press('Enter');
  await expect(page.getByText('egress admin reset EMAIL')).toBeVisible();
  await expectAccessibleInBothThemes(page, 'forgot password without mail');
  await logIn(page, egress);
  await expect(page.getByRole('row').nth(5)).toBeVisible();
  await expectAccessibleInBothThemes(page, 'users');
  await page.getByRole('row').nth(1).click();
  await expect(page.getByRole('dialog')).toContainText('Attributes');
  await expectAccessibleInBothThemes(page, 'a user');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Add rule' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectAccessibleInBothThemes(page, 'filter builder');
  await page.keyboard.press('Escape');
  const dialog = await openDialog(page);
  await expect(dialog.getByRole('button', { name: /^Export [\d,]+ users$/ })).toBeVisible();
  await expectAccessibleInBothThemes(page, 'export dialog');
  await dialog.getByRole('button', { name: /^Export [\d,]+ users$/ }).click();
  await expect(toasts(page).getByText('Export complete!')).toBeVisible();
  await expectAccessibleInBothThemes(page, 'toast');
  await page.goto('/t/meridian/exports');
  await expect(page.getByText('Completed').first()).toBeVisible();
  await expectAccessibleInBothThemes(page, 'exports');
  await page.getByRole('link', { name: 'Everyone in all user stores' }).first().click();
  await expect(page.getByText('SHA-256', { exact: true })).toBeVisible();
  await expectAccessibleInBothThemes(page, 'a job');
  await page.goto('/t/meridian/outbox');
  await expect(page.frameLocator('iframe').getByRole('link').first()).toBeVisible();
  await expectAccessibleInBothThemes(page, 'outbox');
  await page.goto('/t/meridian/audit-log');
  await expect(page.getByRole('heading', { name: 'Activity', level: 1 })).toBeVisible();
  await expect(page.getByRole('cell', { name: 'Started an export' }).first()).toBeVisible();
  await expectAccessibleInBothThemes(page, 'audit log');
});

test('axe finds nothing on the pages of the settings, the key pairs, the members and the invitations', async ({
  page,
  egress,
}) => {
  await logIn(page, egress);
  await page.goto('/t/meridian/settings');
  await expect(page.getByRole('switch', { name: 'State events export' })).toBeEnabled();
  await expectAccessibleInBothThemes(page, 'settings');
  await page.goto('/t/meridian/key-pairs');
  await expect(page.getByRole('heading', { name: 'API keys', level: 1 })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'No API keys yet' })).toBeVisible();
  const newKeyPair = page.getByRole('button', { name: 'New API key' });
  await expect(newKeyPair).toBeVisible();
  await expectAccessibleInBothThemes(page, 'no key pairs');
  await newKeyPair.click();
  const keyPairDialog = page.getByRole('dialog', { name: 'New API key' });
  await expect(keyPairDialog.getByRole('textbox', { name: 'Note' })).toBeFocused();
  await expectAccessibleInBothThemes(page, 'new key pair');
  await page.keyboard.press('Escape');
  await expect(keyPairDialog).toBeHidden();
  await expect(newKeyPair).toBeFocused();
  await newKeyPair.click();
  await keyPairDialog.getByRole('textbox', { name: 'Note' }).fill('nightly export');
  await keyPairDialog.getByRole('button', { name: 'Create' }).click();
  await keyPairDialog.getByRole('button', { name: 'Copy the secret key' }).hover();
  await expect(page.getByRole('tooltip', { name: 'Copy the secret key' })).toBeVisible();
  await expectAccessibleInBothThemes(page, 'a secret key, with a tooltip');
  await keyPairDialog.getByRole('button', { name: 'Done' }).click();
  await expect(keyPairDialog).toBeHidden();
  await page.getByRole('button', { name: 'Revoke: nightly export' }).click();
  await expect(page.getByRole('group', { name: 'Revoke this API key?' })).toBeVisible();
  await expectAccessibleInBothThemes(page, 'key pairs');
  await page.goto('/t/meridian/members');
  await page.getByRole('button', { name: 'Invite a member' }).click();
  const invitationDialog = page.getByRole('dialog', { name: 'Invite a member' });
  await expect(invitationDialog.getByLabel('Email address')).toBeFocused();
  await expectAccessibleInBothThemes(page, 'invite a member');
  await invitationDialog.getByLabel('Email address').fill('noor@example.com');
  await invitationDialog.getByRole('button', { name: 'Invite', exact: true }).click();
  const link = await invitationDialog.getByText('/invitation#').innerText();
  await expectAccessibleInBothThemes(page, 'an invitation');
  await invitationDialog.getByRole('button', { name: 'Done' }).click();
  await expect(invitationDialog).toBeHidden();
  await page.getByRole('button', { name: `Sessions: ${egress.email}` }).click();
  await expect(page.getByRole('dialog').getByText('This session')).toBeVisible();
  await expectAccessibleInBothThemes(page, 'sessions of a member');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.getByRole('button', { name: 'Withdraw: noor@example.com' }).click();
  await expect(page.getByRole('group', { name: 'Withdraw this invitation?' })).toBeVisible();
  await expectAccessibleInBothThemes(page, 'members');
  await page.goto(link);
  await expect(page.getByRole('button', { name: 'Log out' })).toBeVisible();
  await expectAccessibleInBothThemes(page, 'an invitation for another address');
  await page.goto('/t/meridian/nothing-here');
  await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
  await expectAccessibleInBothThemes(page, 'not found');
  await page.getByRole('link', { name: 'Go to the start page' }).click();
  await page.getByRole('button', { name: /^Account: / }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await expect(page.getByRole('button', { name: 'Log in' })).toBeVisible();
  await page.goto(link);
  await expect(page.getByLabel('Your name')).toBeFocused();
  await expectAccessibleInBothThemes(page, 'an invitation with a new password');
  await page.getByText('Log in and accept').click();
  await expect(page.getByRole('button', { name: 'Log in' })).toBeVisible();
  await expectAccessibleInBothThemes(page, 'an invitation by logging in');
});

test('an export needs no mouse', async ({ page, egress }) => {
  await page.goto('/t/meridian/users');
  await expect(page.getByLabel('Email address')).toBeFocused();
  await page.keyboard.type(egress.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(egress.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
  await tabTo(page, 'Export users');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Export users' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Export [\d,]+ users$/ })).toBeVisible();
  await tabTo(page, /^Export [\d,]+ users$/);
  await page.keyboard.press('Enter');
  await expect(toasts(page).getByText('Export complete!')).toBeVisible();
  await page.keyboard.press('F6');
  await tabTo(page, /^Download/);
  const downloading = page.waitForEvent('download');
  await page.keyboard.press('Enter');
  await downloading;
});

/** Presses Tab until the button with that name has the focus. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const button = page.getByRole('button', { name });
  for (let presses = 0; presses < 80; presses++) {
    if (await button.first().evaluate((element) => element.matches(':focus'))) return;
    await page.keyboard.press('Tab');
  }
  await expect(button.first(), `Tab never reaches ${name}`).toBeFocused();
}

test('every page fits a width of 320 pixels', async ({ page, egress }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await logIn(page, egress);
  await expectNoHorizontalScroll(page, 'users');
  const dialog = await openDialog(page);
  await expectNoHorizontalScroll(page, 'export dialog');
  await dialog.getByRole('button', { name: /^Export [\d,]+ users$/ }).click();
  await expect(toasts(page).getByText('Export complete!')).toBeVisible();
  await expectNoHorizontalScroll(page, 'toast');
  await page.goto('/t/meridian/exports');
  await expect(page.getByText('Completed').first()).toBeVisible();
  await expectNoHorizontalScroll(page, 'exports');
  await page.goto('/t/meridian/key-pairs');
  await page.getByRole('button', { name: 'New API key' }).click();
  const keyPairDialog = page.getByRole('dialog', { name: 'New API key' });
  await keyPairDialog.getByRole('button', { name: 'Create' }).click();
  await expect(keyPairDialog.getByRole('button', { name: 'Copy the secret key' })).toBeVisible();
  await expectNoHorizontalScroll(page, 'a secret key');
  await keyPairDialog.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('button', { name: /^Revoke: / })).toBeVisible();
  await expectNoHorizontalScroll(page, 'key pairs');
  await page.goto('/t/meridian/members');
  await page.getByRole('button', { name: 'Invite a member' }).click();
  const invitationDialog = page.getByRole('dialog', { name: 'Invite a member' });
  await invitationDialog.getByLabel('Email address').fill('noor@example.com');
  await invitationDialog.getByRole('button', { name: 'Invite', exact: true }).click();
  const link = await invitationDialog.getByText('/invitation#').innerText();
  await expectNoHorizontalScroll(page, 'an invitation');
  await invitationDialog.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('button', { name: 'New link: noor@example.com' })).toBeVisible();
  await expectNoHorizontalScroll(page, 'members');
  await page.getByRole('button', { name: `Sessions: ${egress.email}` }).click();
  await expect(page.getByRole('dialog').getByText('This session')).toBeVisible();
  await expectNoHorizontalScroll(page, 'sessions of a member');
  await page.goto('/t/meridian/audit-log');
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  await expectNoHorizontalScroll(page, 'audit log');
  await page.goto(link);
  await page.getByRole('button', { name: 'Log out' }).click();
  await expect(page.getByLabel('Your name')).toBeVisible();
  await expectNoHorizontalScroll(page, 'an invitation with a new password');
  await page.goto('/forgot-password');
  await expect(page.getByLabel('Email address')).toBeVisible();
  await expectNoHorizontalScroll(page, 'forgot password');
});
