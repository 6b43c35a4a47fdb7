import { expect } from '../egress';
import { become, prepare } from './tenant';
import { answer, change, refuse, visit, walk } from './walk';

walk('Outbox and Activity', prepare, () => [
  {
    name: 'emails',
    open: async (page) => {
      await visit(page, 'outbox');
      await expect(page.frameLocator('iframe').getByRole('link').first()).toBeVisible();
    },
  },
  {
    name: 'an email on a narrow screen',
    only: 'narrow',
    open: async (page) => {
      await visit(page, 'outbox');
      await page.getByRole('navigation', { name: 'Emails' }).getByRole('link').first().click();
      await expect(page.getByTitle('The email')).toBeVisible();
    },
  },
  {
    name: 'no emails',
    open: async (page) => {
      await answer(page, '**/v4/outbox?*', { results: [], next: null });
      await visit(page, 'outbox');
      await expect(page.getByText('No emails yet')).toBeVisible();
    },
  },
  {
    name: 'emails that are sent',
    open: async (page) => {
      await change(page, '**/v4/me', (me: object) => ({ ...me, outbox: false }));
      await visit(page, 'outbox');
      await expect(page.getByText('Emails are sent', { exact: true })).toBeVisible();
    },
  },
  {
    name: 'an outbox that could not be loaded',
    open: async (page) => {
      await refuse(page, '**/v4/outbox?*', 400);
      await visit(page, 'outbox');
      await expect(page.getByText('The outbox could not be loaded')).toBeVisible();
    },
  },
  {
    name: 'an outbox of a viewer',
    open: async (page) => {
      await become(page, 'viewer');
      await visit(page, 'outbox');
      await expect(page.getByText('Exporters and owners get emails')).toBeVisible();
    },
  },
  {
    name: 'activity',
    open: async (page) => {
      await visit(page, 'audit-log');
      await expect(page.getByRole('row').nth(1)).toBeVisible();
    },
  },
  {
    name: 'activity of a kind',
    open: async (page) => {
      await visit(page, 'audit-log?what=exports');
      await expect(page.getByRole('row').nth(1)).toBeVisible();
      await page.getByRole('combobox', { name: 'Action' }).click();
      await expect(page.getByRole('option').filter({ visible: true }).first()).toBeVisible();
    },
  },
  {
    name: 'a day of the activity',
    open: async (page) => {
      await visit(page, 'audit-log');
      await page.getByRole('button', { name: 'From: pick a date' }).click();
      await expect(page.getByRole('dialog').getByRole('table')).toBeVisible();
    },
  },
  {
    name: 'no matching activity',
    open: async (page) => {
      await visit(page, 'audit-log?search=zzzzz');
      await expect(page.getByText('No matching records')).toBeVisible();
    },
  },
  {
    name: 'no activity',
    open: async (page) => {
      await answer(page, '**/v4/audit-log?*', { results: [], next: null });
      await visit(page, 'audit-log');
      await expect(page.getByText('No activity yet')).toBeVisible();
    },
  },
  {
    name: 'activity that could not be loaded',
    open: async (page) => {
      await refuse(page, '**/v4/audit-log?*', 400);
      await visit(page, 'audit-log');
      await expect(page.getByText('The activity could not be loaded')).toBeVisible();
    },
  },
  {
    name: 'activity of a viewer',
    open: async (page) => {
      await become(page, 'viewer');
      await visit(page, 'audit-log');
    },
  },
]);
