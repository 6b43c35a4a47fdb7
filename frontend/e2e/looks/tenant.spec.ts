import type { Page } from '@playwright/test';
import { type Egress, expect, logIn, meridian } from '../egress';
import { completeJob } from './jobs';
import { answer, change, hold, refuse, visit, walk } from './walk';

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });
const dialog = (page: Page, name: string | RegExp) => page.getByRole('dialog', { name });

/** Makes the admin of the page have another role. */
async function become(page: Page, role: string): Promise<void> {
  await change(page, '**/v4/me', (me: { tenants: object[] }) => ({
    ...me,
    role,
    tenants: me.tenants.map((tenant) => ({ ...tenant, role })),
  }));
}

async function prepare(page: Page, egress: Egress): Promise<void> {
  await logIn(page, egress);
  await completeJob(page);
  const invited = await page.request.post('/v4/admins', {
    ...meridian,
    data: { email: 'noor@example.com', role: 'viewer' },
  });
  expect(invited.ok(), await invited.text()).toBe(true);
  const me = await (await page.request.get('/v4/me', meridian)).json();
  const pairs = `/v3/admin/users/${me.user_id}/keypairs`;
  expect((await page.request.post(pairs, { ...meridian, data: { note: 'nightly export' } })).status()).toBe(201);
}

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
      await page.getByLabel('From', { exact: true }).click();
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

walk('API keys and Members', prepare, () => [
  {
    name: 'API keys',
    open: async (page) => {
      await visit(page, 'key-pairs');
      await expect(button(page, 'Revoke: nightly export')).toBeVisible();
    },
  },
  {
    name: 'no API keys',
    open: async (page) => {
      await answer(page, '**/v4/key-pairs*', { results: [], next: null });
      await visit(page, 'key-pairs');
      await expect(page.getByText('No API keys yet')).toBeVisible();
    },
  },
  {
    name: 'API keys that could not be loaded',
    open: async (page) => {
      await refuse(page, '**/v4/key-pairs*', 400);
      await visit(page, 'key-pairs');
      await expect(button(page, 'Retry')).toBeVisible();
    },
  },
  {
    name: 'API keys of a viewer',
    open: async (page) => {
      await become(page, 'viewer');
      await visit(page, 'key-pairs');
    },
  },
  {
    name: 'API keys of an exporter',
    open: async (page) => {
      await become(page, 'exporter');
      await visit(page, 'key-pairs');
    },
  },
  {
    name: 'a key to revoke',
    open: async (page) => {
      await visit(page, 'key-pairs');
      await button(page, 'Revoke: nightly export').click();
      await expect(page.getByRole('group', { name: 'Revoke this API key?' })).toBeVisible();
    },
  },
  {
    name: 'a new API key',
    open: async (page) => {
      await visit(page, 'key-pairs');
      await button(page, 'New API key').click();
      await expect(dialog(page, 'New API key').getByRole('textbox', { name: 'Note' })).toBeFocused();
    },
  },
  {
    name: 'a note that is too long',
    open: async (page) => {
      await visit(page, 'key-pairs');
      await button(page, 'New API key').click();
      await dialog(page, 'New API key').getByRole('textbox', { name: 'Note' }).fill('n'.repeat(2_000));
      await expect(dialog(page, 'New API key').getByRole('alert')).toBeVisible();
    },
  },
  {
    name: 'a secret key that is not copied yet',
    open: async (page) => {
      await visit(page, 'key-pairs');
      await button(page, 'New API key').click();
      await dialog(page, 'New API key').getByRole('button', { name: 'Create' }).click();
      await expect(dialog(page, 'New API key').getByRole('button', { name: 'Copy the secret key' })).toBeVisible();
      await page.keyboard.press('Escape');
      await expect(dialog(page, 'New API key').getByText(/^The secret key is not shown again/)).toBeVisible();
    },
  },
  {
    name: 'members and invitations',
    open: async (page) => {
      await visit(page, 'members');
      await expect(button(page, /^Withdraw: /).first()).toBeVisible();
    },
  },
  {
    name: 'members that could not be loaded',
    open: async (page) => {
      await refuse(page, '**/v4/admins', 400);
      await visit(page, 'members');
      await expect(button(page, 'Retry').first()).toBeVisible();
    },
  },
  ...['viewer', 'exporter'].map((role) => ({
    name: `members of a tenant, for the role ${role}`,
    open: async (page: Page) => {
      await become(page, role);
      await visit(page, 'members');
      await expect(page.getByText('Owners manage the members')).toBeVisible();
    },
  })),
  {
    name: 'a member to invite',
    open: async (page) => {
      await visit(page, 'members');
      await button(page, 'Invite a member').click();
      await expect(dialog(page, 'Invite a member').getByLabel('Email address')).toBeFocused();
    },
  },
  {
    name: 'an invitation',
    open: async (page) => {
      await visit(page, 'members');
      await button(page, 'Invite a member').click();
      await dialog(page, 'Invite a member').getByLabel('Email address').fill('ben@example.com');
      await dialog(page, 'Invite a member').getByRole('button', { name: 'Invite', exact: true }).click();
      await expect(dialog(page, 'Invite a member').getByText('/invitation#')).toBeVisible();
    },
  },
  {
    name: 'an invitation to withdraw',
    open: async (page) => {
      await visit(page, 'members');
      await button(page, 'Withdraw: noor@example.com').click();
      await expect(page.getByRole('group', { name: 'Withdraw this invitation?' })).toBeVisible();
    },
  },
  {
    name: 'members to remove and another own role',
    open: async (page) => {
      const me = await (await page.request.get('/v4/me', meridian)).json();
      await change(page, '**/v4/admins', (list: { results: { user_id: string }[] }) => ({
        ...list,
        results: [
          ...list.results.map((member) => ({ ...member, everywhere: false })),
          {
            ...list.results.find(({ user_id }) => user_id !== me.user_id),
            user_id: 'x',
            email: 'noor.h@example.com',
            everywhere: false,
          },
        ],
      }));
      await visit(page, 'members');
      await button(page, 'Remove: noor.h@example.com').click();
      await button(page, 'Leave: owner@example.com').click();
      await expect(page.getByRole('group', { name: 'Leave this tenant?' })).toBeVisible();
    },
  },
  {
    name: 'the sessions of a member',
    open: async (page) => {
      await visit(page, 'members');
      await button(page, 'Sessions: owner@example.com').click();
      await expect(page.getByRole('dialog').getByText('This session')).toBeVisible();
    },
  },
]);

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
