import type { Page } from '@playwright/test';
import { expect, logIn } from '../egress';
import { british, filtered, visit, walk } from './walk';

// A rule of each kind of value.
const rules = [
  { field: 'attributes.city', operator: 'contains', value: 'London' },
  british,
  { field: 'attributes.country', operator: 'is_one_of', values: ['GB', 'IE'] },
  { field: 'attributes.age', operator: 'between', from: 18, to: 40 },
  { field: 'attributes.newsletter', operator: 'checked' },
  { field: 'attributes.birth_date', operator: 'before', value: '2001-01-31' },
  { field: 'registered', operator: 'between', from: '2025-01-31', to: '2026-12-31' },
  { field: 'last_login', operator: 'between', from: 'now-30d', to: 'now' },
  { field: 'attributes.phone', operator: 'is_unknown' },
  {
    quantifier: 'any',
    combinator: 'and',
    rules: [
      { field: 'grant.expiry_state', operator: 'is', value: 'expired' },
      { field: 'grant.end', operator: 'after', value: '2026-01-31' },
    ],
  },
  { combinator: 'or', rules: [british, { field: 'attributes.company', operator: 'starts_with', value: 'A' }] },
];

async function openDrawer(page: Page) {
  await visit(page, filtered(...rules));
  await page.getByRole('button', { name: 'Edit filter' }).click();
  const drawer = page.getByRole('dialog', { name: 'Filter users' });
  await expect(drawer.getByRole('button', { name: /^Show [\d,]+ users?$/ })).toBeVisible();
  return drawer;
}

/** Opens the drawer and a list of it. */
async function openList(page: Page, rule: string, name: string): Promise<void> {
  const drawer = await openDrawer(page);
  await drawer.getByRole('group', { name: rule, exact: true }).getByRole('combobox', { name }).click();
  await expect(page.getByRole('option').filter({ visible: true }).first()).toBeVisible();
}

walk('the filter', logIn, () => [
  { name: 'a filter with each kind of value', open: openDrawer },
  {
    name: 'an empty filter',
    open: async (page) => {
      await visit(page, 'users');
      await page.getByRole('button', { name: 'Add rule' }).click();
      await expect(page.getByRole('combobox', { name: 'Field' })).toBeFocused();
    },
  },
  { name: 'the fields', open: (page) => openList(page, 'Rule 1', 'Field') },
  { name: 'the operators', open: (page) => openList(page, 'Rule 4', 'Operator') },
  { name: 'the options of a field', open: (page) => openList(page, 'Rule 2', 'Value') },
  {
    name: 'the suggestions of several values',
    open: async (page) => {
      const drawer = await openDrawer(page);
      await drawer
        .getByRole('group', { name: 'Rule 3', exact: true })
        .getByRole('combobox', { name: 'Values' })
        .fill('a');
      await expect(page.getByRole('option').filter({ visible: true }).first()).toBeVisible();
    },
  },
  { name: 'the units of a relative date', open: (page) => openList(page, 'Rule 8', 'Unit') },
  {
    name: 'the calendar',
    open: async (page) => {
      const drawer = await openDrawer(page);
      await drawer.getByRole('group', { name: 'Rule 6', exact: true }).getByRole('button').first().click();
      await expect(page.getByRole('dialog').getByRole('table')).toBeVisible();
    },
  },
  {
    name: 'a rule with a fault',
    open: async (page) => {
      const drawer = await openDrawer(page);
      await drawer
        .getByRole('group', { name: 'Rule 4', exact: true })
        .getByRole('textbox', { name: 'To' })
        .fill('twelve');
      await drawer.getByRole('button', { name: /^Show/ }).click();
      await expect(drawer.getByRole('status').filter({ hasText: 'Age is a number.' })).toBeVisible();
    },
  },
  {
    name: 'a filter to discard',
    open: async (page) => {
      const drawer = await openDrawer(page);
      await drawer.getByRole('button', { name: 'Remove: Country is GB' }).first().click();
      await drawer.getByRole('button', { name: 'Close' }).click();
      await expect(drawer.getByRole('button', { name: 'Discard' })).toBeVisible();
    },
  },
]);
