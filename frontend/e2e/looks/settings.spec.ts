import { expect } from '../egress';
import { become, button, prepare } from './tenant';
import { hold, refuse, visit, walk } from './walk';

walk('the settings', prepare, () => [
  {
    name: 'settings',
    open: async (page) => {
      await visit(page, 'settings');
      await expect(page.getByRole('switch', { name: 'State events export' })).toBeEnabled();
      await expect(page.getByRole('img', { name: /stored, by the day of deletion$/ })).toBeVisible();
    },
  },
  {
    name: 'settings of a viewer',
    open: async (page) => {
      await become(page, 'viewer');
      await visit(page, 'settings');
      await expect(page.getByText('Only owners can change settings.')).toBeVisible();
    },
  },
  {
    name: 'settings that could not be loaded',
    open: async (page) => {
      await refuse(page, '**/v4/settings', 400);
      await visit(page, 'settings');
      await expect(page.getByText('The settings could not be loaded')).toBeVisible();
    },
  },
  {
    name: 'settings while they are loaded',
    open: async (page) => {
      await hold(page, '**/v4/settings');
      await page.goto('/t/meridian/settings');
      await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
    },
  },
  {
    name: 'how long files are kept',
    open: async (page) => {
      await visit(page, 'settings');
      await page.getByRole('combobox', { name: 'Keep files for' }).click();
      await expect(page.getByRole('option').filter({ visible: true }).first()).toBeVisible();
    },
  },
  {
    name: 'a wrong number of days',
    open: async (page) => {
      await visit(page, 'settings');
      await page.getByRole('combobox', { name: 'Keep files for' }).click();
      await page.getByRole('option').last().click();
      await page.getByLabel('Days').fill('never');
      await button(page, 'Save').click();
      await expect(page.getByLabel('Days')).toHaveAttribute('aria-invalid', 'true');
    },
  },
  {
    name: 'a setting that was refused',
    open: async (page) => {
      await visit(page, 'settings');
      await page.route('**/v4/features/*', (route) =>
        route.fulfill({
          status: 403,
          contentType: 'application/problem+json',
          json: { status: 403, code: 'forbidden', title: 'Forbidden', detail: 'Only owners can change settings.' },
        }),
      );
      await page.getByRole('switch', { name: 'State events export' }).press('Space');
      await expect(page.getByRole('alert').filter({ hasText: 'Only owners' })).toBeVisible();
    },
  },
]);
