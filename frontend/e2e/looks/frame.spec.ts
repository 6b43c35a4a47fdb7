import type { Page } from '@playwright/test';
import { expect, logIn, meridian } from '../egress';
import { button } from './tenant';
import { change, walk } from './walk';

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
