import type { Page } from '@playwright/test';
import { type Egress, expect, logIn, meridian, submitCredentials } from '../egress';
import { change, hold, refuse, walk } from './walk';

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });

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

walk('the frame', logIn, () => [
  {
    name: 'the account menu',
    only: 'wide',
    open: async (page) => {
      await page.goto('/t/meridian/settings');
      await button(page, /^Account: /).click();
      await expect(page.getByRole('menuitem', { name: 'Log out' })).toBeVisible();
    },
  },
  {
    name: 'the themes',
    only: 'wide',
    open: async (page) => {
      await page.goto('/t/meridian/settings');
      await button(page, /^Theme: /).click();
      await expect(page.getByRole('menuitemradio', { name: 'Dark' })).toBeVisible();
    },
  },
  ...(['wide', 'narrow'] as const).map((only) => ({
    name: `the tenants, ${only}`,
    only,
    open: async (page: Page) => {
      await page.goto('/t/meridian/settings');
      await button(page, 'Tenant: Meridian Press').click();
      await expect(page.getByRole('option', { name: /Northgate Media/ })).toBeVisible();
    },
  })),
  ...[false, true].map((account) => ({
    name: account ? 'the account in the navigation of a narrow screen' : 'the navigation of a narrow screen',
    only: 'narrow' as const,
    open: async (page: Page) => {
      await page.goto('/t/meridian/settings');
      await button(page, 'Menu').click();
      await expect(page.getByRole('dialog', { name: 'Navigation' })).toBeVisible();
      if (account) await button(page, /^Account: /).click();
    },
  })),
  ...['', 'zebra'].map((text) => ({
    name: text ? 'a command that does not exist' : 'the command palette',
    open: async (page: Page) => {
      await page.request.post('/v4/saved-filters', {
        ...meridian,
        data: { name: 'Britons', filter: { field: 'attributes.country', operator: 'is', value: 'GB' } },
      });
      await page.goto('/t/meridian/members');
      await page.getByRole('heading', { name: 'Members', level: 1 }).waitFor();
      await page.keyboard.press('Control+k');
      const palette = page.getByRole('dialog', { name: 'Commands' });
      await expect(palette.getByRole('option', { name: 'Saved filters: Britons' })).toBeVisible();
      await palette.getByRole('combobox').fill(text);
      if (text) await expect(palette.getByText('No command matches.')).toBeVisible();
    },
  })),
  {
    name: 'users in the command palette',
    open: async (page) => {
      await page.goto('/t/meridian/members');
      await page.getByRole('heading', { name: 'Members', level: 1 }).waitFor();
      await page.keyboard.press('Control+k');
      const palette = page.getByRole('dialog', { name: 'Commands' });
      await palette.getByRole('combobox').fill('gross');
      await expect(palette.getByRole('option').first()).toBeVisible();
    },
  },
  {
    name: 'the keyboard shortcuts',
    open: async (page) => {
      await page.goto('/t/meridian/members');
      await page.getByRole('heading', { name: 'Members', level: 1 }).waitFor();
      await page.keyboard.press('Shift+?');
      await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
    },
  },
  {
    name: 'a page that does not exist',
    open: async (page) => {
      await page.goto('/t/meridian/nothing');
      await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
    },
  },
  {
    name: 'a tenant that does not exist',
    open: async (page) => {
      await page.goto('/t/elsewhere/users');
      await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
    },
  },
  ...[true, false].map((has) => ({
    name: `a tenant that requires a second factor, which the account ${has ? 'has' : 'lacks'}`,
    open: async (page: Page) => {
      await change(page, '**/v4/me', (me: { tenants: object[] }) => ({
        ...me,
        tenants: me.tenants.map((tenant) => ({ ...tenant, secondFactorMissing: true })),
      }));
      await change(page, '**/v4/account', (account: object) => ({
        ...account,
        secondFactor: { totp: has ? '2026-11-23T08:31:28.000Z' : null, passkeys: [], recoveryCodes: 2 },
      }));
      await page.goto('/t/meridian/users');
      await expect(page.getByRole('heading', { name: /requires two-factor authentication/ })).toBeVisible();
      if (has) await expect(button(page, 'Confirm with your second factor')).toBeVisible();
    },
  })),
  {
    name: 'the choice of a tenant',
    open: async (page) => {
      await page.evaluate('localStorage.removeItem("egress-tenant")');
      await page.goto('/');
      await expect(page.getByRole('heading', { name: 'Choose a tenant' })).toBeVisible();
    },
  },
  {
    name: 'an admin without a tenant',
    open: async (page) => {
      await change(page, '**/v4/me', (me: object) => ({ ...me, tenant: null, role: null, tenants: [] }));
      await page.goto('/');
      await expect(page.getByRole('heading', { name: 'You do not have access to a tenant yet' })).toBeVisible();
    },
  },
  {
    name: 'a page without a network',
    open: async (page) => {
      await page.goto('/t/meridian/settings');
      await expect(page.getByRole('switch').first()).toBeVisible();
      await page.context().setOffline(true);
      await expect(page.getByText('You are offline.')).toBeVisible();
    },
  },
  {
    name: 'a session that has ended',
    open: async (page, egress) => {
      await page.goto('/t/meridian/settings');
      await expect(page.getByRole('switch').first()).toBeVisible();
      await page.context().clearCookies();
      await page.getByRole('link', { name: 'API keys' }).click();
      const dialog = page.getByRole('dialog', { name: 'Log in to continue' });
      await expect(dialog.getByLabel('Password', { exact: true })).toBeFocused();
      await dialog.getByLabel('Password', { exact: true }).fill(`${egress.password}x`);
      await dialog.getByRole('button', { name: 'Log in' }).click();
      await expect(dialog.getByRole('alert')).not.toBeEmpty();
    },
  },
]);

const challenge = { challenge: 'c', methods: ['totp', 'recovery_code'], passkey: null };

/** Sends the log-in form; the server asks for this second factor. */
async function askFactor(page: Page, egress: Egress, factor: object): Promise<void> {
  await page.route('**/v3/admin/login', (route) =>
    route.fulfill({
      status: 401,
      contentType: 'application/problem+json',
      json: {
        status: 401,
        code: 'second_factor_required',
        title: 'Second factor',
        detail: 'A second factor is required.',
        secondFactor: factor,
      },
    }),
  );
  await page.goto('/login');
  await submitCredentials(page, egress);
}

const leave = (page: Page) => page.goto('/login');
const link = { email: 'noor@example.com', tenant: 'Meridian Press', tenants: ['Meridian Press'], role: 'viewer' };

walk('the pages before the log-in', leave, () => [
  { name: 'the log-in', open: (page) => page.goto('/login') },
  { name: 'the log-in that returns', open: (page) => page.goto('/t/meridian/users?search=a') },
  {
    name: 'a wrong password',
    open: async (page, egress) => {
      await page.goto('/login');
      await submitCredentials(page, { ...egress, password: 'x' });
      await expect(page.getByRole('alert')).not.toBeEmpty();
    },
  },
  {
    name: 'a code of an authenticator app',
    open: async (page, egress) => {
      await askFactor(page, egress, challenge);
      await expect(page.getByLabel('Code from your authenticator app')).toBeVisible();
    },
  },
  {
    name: 'a recovery code',
    open: async (page, egress) => {
      await askFactor(page, egress, challenge);
      await button(page, 'Use a recovery code instead').click();
      await expect(page.getByLabel('Recovery code')).toBeVisible();
    },
  },
  {
    name: 'a passkey',
    open: async (page, egress) => {
      const options = { publicKey: { challenge: 'AAAA', rpId: 'localhost', allowCredentials: [], timeout: 1000 } };
      await askFactor(page, egress, { ...challenge, methods: ['passkey', 'totp'], passkey: options });
      await expect(button(page, 'Use your passkey')).toBeVisible();
    },
  },
  {
    name: 'a forgotten password',
    open: async (page) => {
      await page.goto('/forgot-password');
      await expect(page.getByLabel('Email address')).toBeFocused();
    },
  },
  {
    name: 'a forgotten password without mail',
    open: async (page, egress) => {
      await page.goto('/forgot-password');
      await page.getByLabel('Email address').fill(egress.email);
      await page.keyboard.press('Enter');
      await expect(page.getByText('egress admin reset EMAIL')).toBeVisible();
    },
  },
  {
    name: 'a link for a new password',
    open: async (page) => {
      await page.route('**/v4/password-resets/checks', (route) => route.fulfill({ json: link }));
      await page.goto('/login');
      await page.goto('/reset#token');
      await page.getByLabel('New password', { exact: true }).fill('password');
      await button(page, 'Change password').click();
      await expect(page.getByLabel('New password', { exact: true })).toHaveAttribute('aria-invalid', 'true');
    },
  },
  ...['reset', 'invitation'].map((path) => ({
    name: `a link of ${path} that is no longer valid`,
    open: async (page: Page) => {
      await page.goto('/login');
      await page.goto(`/${path}#unknown`);
      await expect(page.getByRole('heading', { name: 'This link is no longer valid' })).toBeVisible();
    },
  })),
  {
    name: 'an invitation',
    open: async (page) => {
      await page.route('**/v4/invitations', (route) => route.fulfill({ json: link }));
      await page.goto('/login');
      await page.goto('/invitation#token');
      await expect(page.getByLabel('Your name')).toBeVisible();
    },
  },
  {
    name: 'an invitation by logging in',
    open: async (page) => {
      await page.route('**/v4/invitations', (route) => route.fulfill({ json: link }));
      await page.goto('/login');
      await page.goto('/invitation#token');
      await page.getByText('Log in and accept').click();
      await expect(button(page, 'Log in')).toBeVisible();
    },
  },
  {
    name: 'an address that does not exist',
    open: async (page) => {
      await page.goto('/nothing');
      await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
    },
  },
  {
    name: 'the API reference',
    open: async (page) => {
      await page.goto('/docs/api/#createUserExportJob');
      await expect(page.locator('#createUserExportJob').getByText('The job was accepted.')).toBeVisible();
    },
  },
  {
    name: 'a search in the API reference',
    open: async (page) => {
      await page.goto('/docs/api/');
      await page.getByLabel('Find an operation').fill('post export-jobs');
      await expect(page.getByRole('status')).toHaveText(/^\d+ of \d+ operations$/);
    },
  },
  ...['of this account', 'of another account'].map((whose) => ({
    name: `an invitation ${whose}`,
    open: async (page: Page, egress: Egress) => {
      if (!(await page.context().cookies()).some(({ name }) => name === 'egress_session')) await logIn(page, egress);
      const email = whose === 'of this account' ? egress.email : link.email;
      await page.route('**/v4/invitations', (route) => route.fulfill({ json: { ...link, email } }));
      await page.goto('/docs/api/');
      await page.goto('/invitation#token');
      await expect(page.getByRole('heading', { name: /^You are invited/ })).toBeVisible();
      await expect(page.getByRole('main').getByRole('button').first()).toBeVisible();
    },
  })),
]);
