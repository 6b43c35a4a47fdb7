import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SecondFactor } from '@/api/client';
import { keys } from '@/api/keys';
import { meOf } from '@/shared/testing/me';
import { FakePasskeys } from '@/shared/testing/passkeys';
import { renderUi, testClient } from '@/shared/testing/render';
import { AccountPage } from './account-page';
import { AccountServer, codes } from './testing';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

const began = '2026-11-02T09:15:00.000Z';
const laptop = { id: 'p1', name: 'Work laptop', created: began, lastUsed: null };

afterEach(() => {
  vi.unstubAllGlobals();
});

function setup(factor: Partial<SecondFactor> = {}, requiredBy: string[] = []) {
  const secondFactor = { totp: null, passkeys: [], recoveryCodes: 0, ...factor };
  const keeper = new AccountServer({ secondFactor, requiredBy });
  server.answers(keeper.answer);
  const client = testClient();
  client.setQueryData(keys.me, meOf('owner'));
  renderUi(<AccountPage />, { client, at: '/account', page: true });
  return { keeper, client, user: userEvent.setup() };
}

const part = async () => within(await screen.findByRole('region', { name: 'Two-factor authentication' }));
const bodies = (method: string, path: string) =>
  server.asked.filter((one) => one.method === method && one.path === path).map(({ body }) => body);
const refusal = (status: number, body: object) => ({ status, body: { code: 'invalid_request', ...body } });

describe('an authenticator app', () => {
  const begin = async (factor: Partial<SecondFactor> = {}) => {
    const all = setup(factor, ['Meridian Press']);
    await all.user.click((await part()).getByRole('button', { name: /^(Set up an|Replace the) authenticator app$/ }));
    return { dialog: within(await screen.findByRole('dialog', { name: 'Authenticator app' })), ...all };
  };

  it('is set up with a code, and the recovery codes are shown once', async () => {
    const { dialog, user, client } = await begin();
    expect(screen.getByText('Meridian Press')).toBeVisible();
    expect(dialog.getByRole('img', { name: 'QR code for your authenticator app' })).toBeVisible();
    expect(dialog.getByText('JBSW Y3DP EHPK 3PXP')).toBeVisible();
    const code = dialog.getByLabelText('2. Code that the app shows');
    await waitFor(() => expect(code).toHaveFocus());
    await user.type(code, '492039');
    const shown = await dialog.findByRole('list', { name: 'Recovery codes' });
    expect(bodies('PUT', '/v4/account/totp')).toEqual([{ code: '492039' }]);
    expect(
      within(shown)
        .getAllByRole('listitem')
        .map(({ textContent }) => textContent),
    ).toEqual(codes);
    await user.keyboard('{Escape}');
    expect(dialog.getByText(/The codes are not shown again/)).toBeVisible();
    await user.click(dialog.getByRole('button', { name: 'Copy' }));
    expect(await navigator.clipboard.readText()).toBe(codes.join('\n'));
    await user.click(dialog.getByRole('button', { name: 'I have saved them' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(
      (await part()).getByText('2 left. Create new codes, so that you can log in without your app or passkey.'),
    ).toBeVisible();
    expect((await part()).getByText(/^Set up/, { selector: 'p' })).toHaveTextContent('Set up 2 Nov 2026');
    expect(client.getQueryState(keys.me)?.isInvalidated).toBe(true);
  });

  it('shows a wrong code next to the field', async () => {
    const { dialog, keeper, user } = await begin();
    keeper.refusals.set('PUT /v4/account/totp', refusal(400, { field: 'code', detail: 'This code is wrong.' }));
    const code = dialog.getByLabelText('2. Code that the app shows');
    await user.type(code, '000000');
    expect(await dialog.findByText('This code is wrong.')).toHaveAttribute('role', 'alert');
    expect(code).toBeInvalid();
    expect(code).toHaveValue('');
  });

  it('is replaced without new recovery codes', async () => {
    const { dialog, user } = await begin({ totp: began, recoveryCodes: 8 });
    await user.type(dialog.getByLabelText('2. Code that the app shows'), '492039');
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect((await part()).getByText('8 left')).toBeVisible();
  });

  it('is removed after a confirmation, unless a tenant requires it', async () => {
    const { keeper, user } = setup({ totp: began, recoveryCodes: 8 });
    keeper.refusals.set('DELETE /v4/account/totp', refusal(409, { detail: 'This is your last second factor.' }));
    const removeIt = async () => {
      await user.click((await part()).getByRole('button', { name: 'Remove the authenticator app' }));
      const question = within(screen.getByRole('group', { name: 'Remove the authenticator app?' }));
      expect(question.getByRole('button', { name: 'Keep' })).toHaveFocus();
      await user.click(question.getByRole('button', { name: 'Remove' }));
    };
    await removeIt();
    expect(await screen.findByText('This is your last second factor.')).toHaveAttribute('role', 'alert');
    await removeIt();
    expect(await screen.findByRole('button', { name: 'Set up an authenticator app' })).toBeVisible();
    expect((await part()).queryByRole('heading', { name: 'Recovery codes' })).not.toBeInTheDocument();
  });
});

describe('a passkey', () => {
  it('is created by the browser with a name', async () => {
    const passkeys = new FakePasskeys();
    const { user } = setup({ totp: began, recoveryCodes: 8 });
    await user.click((await part()).getByRole('button', { name: 'Add a passkey' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'New passkey' }));
    const name = dialog.getByLabelText('Name');
    passkeys.refuses = 'NotAllowedError';
    await user.clear(name);
    await user.type(name, 'Phone{Enter}');
    expect(await dialog.findByText(/No passkey was created/)).toBeVisible();
    passkeys.refuses = null;
    await user.click(dialog.getByRole('button', { name: 'Create passkey' }));
    expect(await screen.findByRole('heading', { name: 'Phone' })).toBeVisible();
    expect(passkeys.asked.at(-1)).toEqual({ challenge: 'AAAA', user: {} });
    expect(bodies('POST', '/v4/account/passkeys')).toEqual([{ name: 'Phone', credential: { id: 'credential' } }]);
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
  });

  it('that is the first factor comes with recovery codes', async () => {
    new FakePasskeys();
    const { user } = setup();
    await user.click((await part()).getByRole('button', { name: 'Add a passkey' }));
    await user.click(await screen.findByRole('button', { name: 'Create passkey' }));
    expect(await screen.findByRole('list', { name: 'Recovery codes' })).toBeVisible();
  });

  it('cannot be created in a browser without passkeys, which is explained', async () => {
    setup();
    expect((await part()).getByText(/This browser cannot create passkeys here/)).toBeVisible();
    expect((await part()).getByRole('button', { name: 'Add a passkey' })).toHaveAttribute('aria-disabled', 'true');
  });

  it('is renamed in place, and not after Escape', async () => {
    const { user } = setup({ passkeys: [laptop] });
    await user.click((await part()).getByRole('button', { name: 'Rename: Work laptop' }));
    await user.keyboard('x{Escape}');
    expect((await part()).getByRole('button', { name: 'Rename: Work laptop' })).toHaveFocus();
    await user.keyboard('{Enter}');
    await user.keyboard('Home laptop{Enter}');
    expect(await screen.findByRole('heading', { name: 'Home laptop' })).toBeVisible();
    expect(bodies('PATCH', '/v4/account/passkeys/p1')).toEqual([{ name: 'Home laptop' }]);
  });

  it('is removed after a confirmation', async () => {
    const { user } = setup({ passkeys: [laptop], totp: began });
    await user.click((await part()).getByRole('button', { name: 'Remove: Work laptop' }));
    await user.click(
      within(screen.getByRole('group', { name: 'Remove this passkey?' })).getByRole('button', { name: 'Remove' }),
    );
    await waitFor(() => expect(screen.queryByRole('heading', { name: 'Work laptop' })).not.toBeInTheDocument());
    expect(screen.getByRole('region', { name: 'Second factors' })).toHaveFocus();
  });
});

it('creates new recovery codes after a confirmation', async () => {
  const { user } = setup({ totp: began, recoveryCodes: 1 });
  await user.click((await part()).getByRole('button', { name: 'Create new codes' }));
  const question = within(screen.getByRole('group', { name: 'Create new recovery codes?' }));
  await user.click(question.getByRole('button', { name: 'Create new codes' }));
  expect(await screen.findByRole('list', { name: 'Recovery codes' })).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'I have saved them' }));
  await waitFor(async () => expect((await part()).getByRole('button', { name: 'Create new codes' })).toHaveFocus());
});
