import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import type { Me } from '@/api/client';
import { keys } from '@/api/keys';
import { meOf } from '@/shared/testing/me';
import { renderUi, testClient } from '@/shared/testing/render';
import { FactorRequiredPage } from './frame/factor-required-page';
import { StartPage } from './start-page';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

function clientOf(over: Partial<Me>) {
  const client = testClient();
  client.setQueryData<Me>(keys.me, { ...meOf('owner'), ...over });
  return client;
}

const [meridian] = meOf('owner').tenants;
const several = meridian
  ? [meridian, { ...meridian, id: 'northwind', name: 'Northwind', role: 'viewer' as const }]
  : [];

it('asks an admin of several tenants which one to open', async () => {
  renderUi(<StartPage />, { client: clientOf({ tenant: null, tenants: several }), at: '/' });
  expect(await screen.findByRole('heading', { name: 'Choose a tenant', level: 1 })).toBeVisible();
  expect(screen.getByRole('link', { name: /Northwind/ })).toHaveAttribute('href', '/t/northwind/users');
  expect(screen.getByRole('link', { name: /Meridian Press/ })).toHaveTextContent('Owner');
});

it('offers account and log-out to an admin without a tenant', async () => {
  renderUi(<StartPage />, { client: clientOf({ tenant: null, role: null, tenants: [] }), at: '/' });
  expect(
    await screen.findByRole('heading', { name: 'You do not have access to a tenant yet', level: 1 }),
  ).toBeVisible();
  expect(screen.getByRole('link', { name: 'Your account' })).toHaveAttribute('href', '/account');
  await userEvent.click(await screen.findByRole('button', { name: 'Account: Amelia Hart' }));
  expect(await screen.findByRole('menuitem', { name: 'Log out' })).toBeVisible();
  expect(screen.getByRole('menuitem', { name: 'Account and security' })).toHaveAttribute('href', '/account');
});

it('says that a tenant requires a second factor, and links to its setup or confirmation', async () => {
  let totp: string | null = null;
  const account = () => ({ secondFactor: { totp, passkeys: [], recoveryCodes: 0 } });
  server.answers(({ path }) => (path === '/v4/account' ? { body: account() } : undefined));
  const { client } = renderUi(<FactorRequiredPage tenant="meridian" />, {
    client: clientOf({}),
    at: '/t/meridian/users',
  });
  expect(screen.getByRole('heading', { name: 'Meridian Press requires two-factor authentication' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Set it up in your account' })).toHaveAttribute(
    'href',
    '/account#two-factor',
  );
  totp = '2026-11-02T09:15:00.000Z';
  await client.invalidateQueries({ queryKey: keys.account });
  expect(await screen.findByRole('button', { name: 'Confirm with your second factor' })).toBeVisible();
});
