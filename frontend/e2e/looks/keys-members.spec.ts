import type { Page } from '@playwright/test';
import { expect, meridian } from '../egress';
import { become, button, dialog, prepare } from './tenant';
import { answer, change, refuse, visit, walk } from './walk';

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
