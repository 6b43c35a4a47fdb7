import type { Page } from '@playwright/test';
import { expect, logIn, meridian } from '../egress';
import { answer, british, change, filtered, hold, refuse, visit, walk } from './walk';

const rows = '**/v4/users?*';
const nobody = { results: [], next: null, previous: null };
const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });

/** Saves a filter, and opens the dialog that manages the saved ones, with another filter on the screen. */
async function manageFilters(page: Page, tool?: string): Promise<void> {
  await page.request.post('/v4/saved-filters', { ...meridian, data: { name: 'Britons', filter: british } });
  await visit(page, filtered({ ...british, value: 'IE' }));
  await button(page, 'Saved filters').click();
  await page.getByRole('menuitem', { name: 'Manage saved filters' }).click();
  const dialog = page.getByRole('dialog', { name: 'Saved filters' });
  await expect(dialog.getByRole('listitem')).toHaveCount(1);
  if (tool) await dialog.getByRole('button', { name: tool }).click();
}

async function openUser(page: Page): Promise<void> {
  await visit(page, 'users');
  await page.getByRole('row').nth(1).click();
  await expect(page.getByRole('dialog')).toBeVisible();
}

walk('the Users screen', logIn, () => [
  { name: 'users', open: (page) => visit(page, 'users') },
  { name: 'users of a filter and a search', open: (page) => visit(page, `${filtered(british)}&search=a`) },
  {
    name: 'the store picker',
    open: async (page) => {
      await visit(page, 'users');
      await button(page, /^User store/).click();
      await expect(page.getByRole('listbox', { name: 'User stores' }).getByRole('option').first()).toContainText('500');
    },
  },
  {
    name: 'users while they are loaded',
    open: async (page) => {
      await hold(page, rows);
      await page.goto('/t/meridian/users');
      await expect(page.getByRole('table', { name: 'Users' })).toHaveAttribute('aria-busy', 'true');
    },
  },
  {
    name: 'users that could not be loaded',
    open: async (page) => {
      await refuse(page, rows);
      await visit(page, 'users');
      await expect(page.getByText('The users could not be loaded')).toBeVisible();
    },
  },
  {
    name: 'users that were not counted',
    open: async (page) => {
      await refuse(page, '**/v4/figures?*', 400);
      await visit(page, 'users');
      await expect(page.getByText('Not counted').first()).toBeVisible();
    },
  },
  {
    name: 'a tenant without users',
    open: async (page) => {
      await answer(page, rows, nobody);
      await visit(page, 'users');
      await button(page, 'How to import users').click();
      await expect(button(page, 'Copy the command')).toBeVisible();
    },
  },
  {
    name: 'a store without users',
    open: async (page) => {
      await answer(page, rows, nobody);
      await visit(page, 'users?store=meridian-uk');
      await expect(page.getByRole('heading', { level: 2 })).toBeVisible();
    },
  },
  {
    name: 'a filter that nobody matches',
    open: async (page) => {
      await visit(page, filtered(british, { field: 'attributes.city', operator: 'is', value: 'Nowhere' }));
      await expect(page.getByText('No users match this filter')).toBeVisible();
    },
  },
  {
    name: 'a search that finds nobody',
    open: async (page) => {
      await visit(page, 'users?search=zzzzz');
      await expect(page.getByText('No users found for “zzzzz”')).toBeVisible();
    },
  },
  {
    name: 'a damaged filter',
    open: async (page) => {
      await visit(page, 'users?filter=%7B');
      await expect(button(page, 'Clear filter')).toBeVisible();
    },
  },
  {
    name: 'a user',
    open: async (page) => {
      await openUser(page);
      await expect(page.getByRole('dialog')).toContainText('Attributes');
    },
  },
  {
    name: 'a user that is gone',
    open: async (page) => {
      await visit(page, 'users?user=01BZXNFK10DKGPWFQQZ7Z00000');
      await expect(page.getByRole('dialog').getByRole('heading').first()).toBeVisible();
    },
  },
  {
    name: 'no saved filters',
    open: async (page) => {
      await answer(page, '**/v4/saved-filters', { results: [] });
      await visit(page, 'users');
      await button(page, 'Saved filters').click();
      await expect(page.getByText('No saved filters yet')).toBeVisible();
    },
  },
  {
    name: 'a filter to save',
    open: async (page) => {
      await visit(page, filtered(british));
      await button(page, 'Saved filters').click();
      await page.getByRole('menuitem', { name: 'Save this filter' }).click();
      const saving = page.getByRole('dialog', { name: 'Save filter' });
      await saving.getByRole('button', { name: 'Save' }).click();
      await expect(saving.getByText('Enter a name.')).toBeVisible();
    },
  },
  {
    name: 'the menu of saved filters',
    open: async (page) => {
      await manageFilters(page);
      await visit(page, filtered(british));
      await button(page, 'Saved filters').click();
      await expect(page.getByRole('menuitem', { name: 'Britons' })).toBeVisible();
    },
  },
  { name: 'saved filters', open: (page) => manageFilters(page) },
  { name: 'another name of a saved filter', open: (page) => manageFilters(page, 'Rename Britons') },
  {
    name: 'other conditions of a saved filter',
    open: (page) => manageFilters(page, 'Replace Britons with the current filter'),
  },
  { name: 'the deletion of a saved filter', open: (page) => manageFilters(page, 'Delete Britons') },
  {
    name: 'users of a viewer',
    open: async (page) => {
      await change(page, '**/v4/me', (me: { role: string; tenants: object[] }) => ({
        ...me,
        role: 'viewer',
        tenants: me.tenants.map((tenant) => ({ ...tenant, role: 'viewer' })),
      }));
      await visit(page, 'users');
    },
  },
]);
