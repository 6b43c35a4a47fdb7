import type { Page } from '@playwright/test';
import { expect, logIn } from '../egress';
import { button } from './tenant';
import { change, hold, refuse, walk } from './walk';

async function visitAccount(page: Page): Promise<void> {
  await page.goto('/account');
  await expect(page.getByRole('region', { name: 'Your sessions' }).getByRole('listitem').first()).toBeVisible();
}

const codes = ['k7wm-3xqd-9tfa-2bhe-5rvc-8njg', 'a7wm-3xqd-9tfa-2bhe-5rvc-8njg'];
const passkey = { id: 'a', name: 'Work laptop', created: '2026-11-23T08:31:28.000Z', lastUsed: null };

/** The account has both kinds of second factors. */
async function withFactors(page: Page): Promise<void> {
  await change(page, '**/v4/account', (account: object) => ({
    ...account,
    requiredBy: ['Meridian Press'],
    secondFactor: { totp: '2026-11-23T08:31:28.000Z', passkeys: [passkey], recoveryCodes: 2 },
  }));
  await visitAccount(page);
  await expect(page.getByRole('heading', { name: 'Work laptop' })).toBeVisible();
}

walk('the account', logIn, () => [
  {
    name: 'the account with a further session',
    open: async (page, egress) => {
      const browser = page.context().browser();
      const other = await browser?.newContext({ baseURL: egress.url });
      const tab = await other?.newPage();
      if (tab) await logIn(tab, egress);
      await other?.close();
      await visitAccount(page);
      await expect(button(page, /^End: /).first()).toBeVisible();
    },
  },
  {
    name: 'the account while it is loaded',
    open: async (page) => {
      await hold(page, '**/v4/account');
      await page.goto('/account');
      await expect(page.getByRole('status', { name: 'Loading your account' })).toBeVisible();
    },
  },
  {
    name: 'an account that could not be loaded',
    open: async (page) => {
      await refuse(page, '**/v4/account', 400);
      await page.goto('/account');
      await expect(page.getByText('Your account could not be loaded')).toBeVisible();
    },
  },
  {
    name: 'a weak new password',
    open: async (page) => {
      await visitAccount(page);
      await page.getByLabel('Current password').fill('not this one');
      await page.getByLabel('New password', { exact: true }).fill('password');
      await button(page, 'Change password').click();
      await expect(page.getByLabel('New password', { exact: true })).toHaveAttribute('aria-invalid', 'true');
    },
  },
  {
    name: 'a wrong current password',
    open: async (page) => {
      await visitAccount(page);
      await page.getByLabel('Current password').fill('not this one');
      await page.getByLabel('New password', { exact: true }).fill('violet kettle monsoon');
      await button(page, 'Change password').click();
      await expect(page.getByLabel('Current password')).toHaveAttribute('aria-invalid', 'true');
    },
  },
  {
    name: 'an authenticator app',
    open: async (page) => {
      await visitAccount(page);
      await button(page, 'Set up an authenticator app').click();
      await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible();
    },
  },
  {
    name: 'a wrong code of an authenticator app',
    open: async (page) => {
      await visitAccount(page);
      await button(page, 'Set up an authenticator app').click();
      const dialog = page.getByRole('dialog', { name: 'Authenticator app' });
      await dialog.getByLabel('2. Code that the app shows').fill('12');
      await dialog.getByRole('button', { name: 'Confirm' }).click();
      await expect(dialog.getByRole('alert')).toBeVisible();
    },
  },
  { name: 'second factors', open: withFactors },
  {
    name: 'second factors to remove',
    open: async (page) => {
      await withFactors(page);
      await button(page, 'Remove the authenticator app').click();
      await button(page, 'Remove: Work laptop').click();
      await button(page, 'Create new codes').click();
      await expect(page.getByRole('group', { name: 'Create new recovery codes?' })).toBeVisible();
    },
  },
  {
    name: 'another name of a passkey',
    open: async (page) => {
      await withFactors(page);
      await button(page, 'Rename: Work laptop').click();
      await page.getByLabel('Name of the passkey').fill('');
      await expect(page.getByLabel('Name of the passkey')).toHaveAttribute('aria-invalid', 'true');
    },
  },
  {
    name: 'new recovery codes',
    open: async (page) => {
      await withFactors(page);
      await page.route('**/v4/account/recovery-codes', (route) => route.fulfill({ json: { recoveryCodes: codes } }));
      await button(page, 'Create new codes').click();
      await page.getByRole('group').getByRole('button', { name: 'Create new codes' }).click();
      await expect(page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem')).toHaveCount(codes.length);
    },
  },
  {
    name: 'a new passkey',
    open: async (page) => {
      await visitAccount(page);
      await button(page, 'Add a passkey').click();
      await page.getByRole('dialog', { name: 'New passkey' }).getByLabel('Name').fill('');
      await page.getByRole('dialog', { name: 'New passkey' }).getByRole('button', { name: 'Create passkey' }).click();
      await expect(page.getByRole('dialog', { name: 'New passkey' }).getByText('Enter a name.')).toBeVisible();
    },
  },
  {
    name: 'a confirmation of the password',
    open: async (page) => {
      await visitAccount(page);
      await page.route('**/v4/account/totp', (route) =>
        route.fulfill({
          status: 403,
          contentType: 'application/problem+json',
          json: { status: 403, code: 'confirmation_required', title: 'Forbidden' },
        }),
      );
      await button(page, 'Set up an authenticator app').click();
      await expect(page.getByRole('dialog', { name: 'Confirm it’s you' })).toBeVisible();
    },
  },
  {
    name: 'the end of all sessions',
    open: async (page) => {
      await change(page, '**/v4/account', (account: object) => ({ ...account, keyPairs: 2 }));
      await visitAccount(page);
      await button(page, 'Log out everywhere').click();
      await expect(button(page, 'Stay logged in')).toBeVisible();
    },
  },
]);
