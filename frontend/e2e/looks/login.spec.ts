import type { Page } from '@playwright/test';
import { type Egress, expect, logIn, submitCredentials } from '../egress';
import { button } from './tenant';
import { walk } from './walk';

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
