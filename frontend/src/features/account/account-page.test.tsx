import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { OwnAccount, Session } from '@/api/client';
import { keys } from '@/api/keys';
import { meOf } from '@/shared/testing/me';
import { renderUi, testClient } from '@/shared/testing/render';
import { AccountPage } from './account-page';
import { AccountServer, sessionOf } from './testing';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());
const openPage = vi.hoisted(() => vi.fn<(address: string) => void>());
vi.mock('@/shared/open-page', () => ({ openPage }));

function setup(account: Partial<OwnAccount> = {}, sessions?: Session[]) {
  const keeper = new AccountServer(account, sessions);
  server.answers(keeper.answer);
  const client = testClient();
  client.setQueryData(keys.me, meOf('owner'));
  renderUi(<AccountPage />, { client, at: '/account', page: true });
  return { keeper, client, user: userEvent.setup() };
}

const asked = (method: string, path: string) =>
  server.asked.filter((one) => one.method === method && one.path === path);
const section = async (name: string) => within(await screen.findByRole('region', { name }));

describe('the page', () => {
  it('shows placeholders during loading, an error after a failure, and retries', async () => {
    const { keeper, user } = setup();
    keeper.refusals.set('GET /v4/account', { status: 503, body: { code: 'unavailable', detail: 'Not now.' } });
    expect(await screen.findByRole('status', { name: 'Loading your account' })).toBeVisible();
    const alert = await screen.findByRole('alert');
    expect(within(alert).getByRole('heading', { name: 'Your account could not be loaded' })).toBeVisible();
    await user.click(within(alert).getByRole('button', { name: 'Retry' }));
    expect((await section('Profile')).getByLabelText('Email address')).toHaveValue('amelia.hart@example.com');
  });

  it('changes the name, and keeps the input after a failure', async () => {
    const { keeper, user } = setup();
    keeper.refusals.set('PATCH /v4/account', { status: 400, body: { code: 'invalid_request', detail: 'Too odd.' } });
    const profile = await section('Profile');
    const name = profile.getByLabelText('Name');
    await user.clear(name);
    await user.type(name, ' Amelia Moss {Enter}');
    expect(await profile.findByText('Too odd.')).toHaveAttribute('role', 'alert');
    expect(name).toBeInvalid();
    await user.type(name, '{Enter}');
    expect(await profile.findByText('Saved')).toBeVisible();
    expect(asked('PATCH', '/v4/account').map(({ body }) => body)).toEqual([
      { name: 'Amelia Moss' },
      { name: 'Amelia Moss' },
    ]);
    expect(name).toHaveValue('Amelia Moss');
  });
});

describe('the password', () => {
  const fill = async (all: ReturnType<typeof setup>, current: string, next: string) => {
    const form = await section('Password');
    if (current) await all.user.type(form.getByLabelText('Current password'), current);
    await all.user.type(form.getByLabelText('New password'), `${next}{Enter}`);
    return form;
  };
  const sent = () => asked('PUT', '/v4/account/password').map(({ body }) => body);

  it('is changed with the current one, and revokes the key pairs if chosen', async () => {
    const all = setup({ keyPairs: 1 });
    await all.user.click(await screen.findByRole('checkbox', { name: 'Also revoke my 1 API key' }));
    const form = await fill(all, 'correct horse', 'violet kettle monsoon');
    expect(await form.findByText('Password changed. Your other sessions have ended.')).toBeVisible();
    expect(sent()).toEqual([
      { currentPassword: 'correct horse', newPassword: 'violet kettle monsoon', revokeKeyPairs: true },
    ]);
    expect(form.getByLabelText('Current password')).toHaveValue('');
    expect(form.getByLabelText('New password')).toHaveValue('');
  });

  it('is not sent if the new one is too weak or the current one is missing', async () => {
    const all = setup();
    const form = await fill(all, '', 'short');
    expect(await form.findByText('Too short: 5 of 12 characters')).toHaveAttribute('role', 'alert');
    expect(form.getByText('Type your current password.')).toHaveAttribute('role', 'alert');
    expect(form.getByLabelText('Current password')).toHaveFocus();
    expect(sent()).toEqual([]);
  });

  it('is not changed if the current one is wrong, and shows that next to it', async () => {
    const all = setup();
    const refusal = { code: 'invalid_request', field: 'currentPassword', detail: 'This is not your password.' };
    all.keeper.refusals.set('PUT /v4/account/password', { status: 400, body: refusal });
    const form = await fill(all, 'wrong', 'violet kettle monsoon');
    expect(await form.findByText('This is not your password.')).toHaveAttribute('role', 'alert');
    expect(form.getByLabelText('Current password')).toHaveFocus();
    expect(form.getByLabelText('New password')).toHaveValue('violet kettle monsoon');
  });
});

describe('sessions', () => {
  const phone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) Version/18.4 Mobile/15E148 Safari/604.1';
  const both = [sessionOf('s1'), sessionOf('s2', { current: false, userAgent: phone, address: '198.51.100.4' })];

  it('are listed, and all except the current one can be ended', async () => {
    const { user } = setup({}, both);
    const list = within(await screen.findByRole('region', { name: 'Your sessions' }));
    const [own, other] = list.getAllByRole('listitem').map((item) => within(item));
    expect(own?.getByText('Chrome on Windows')).toBeVisible();
    expect(own?.getByText('This session')).toBeVisible();
    expect(own?.queryByRole('button')).not.toBeInTheDocument();
    expect(other?.getByText('Safari on iPhone')).toBeVisible();
    expect(other?.getByText(/198\.51\.100\.4, last used/)).toBeVisible();
    await user.click(list.getByRole('button', { name: 'End: Safari on iPhone, 198.51.100.4' }));
    await waitFor(() => expect(list.getAllByRole('listitem')).toHaveLength(1));
    expect(asked('DELETE', '/v4/account/sessions/s2')).toHaveLength(1);
    expect(screen.getByRole('region', { name: 'Your sessions' })).toHaveFocus();
  });

  it('show next to the session why it was not ended, and can be reloaded', async () => {
    const { keeper, user } = setup({}, both);
    keeper.refusals.set('GET /v4/account/sessions', { status: 503, body: { code: 'unavailable', detail: 'Not now.' } });
    const sessions = await section('Sessions');
    expect(await sessions.findByText('Not now.')).toBeVisible();
    await user.click(sessions.getByRole('button', { name: 'Retry' }));
    keeper.refusals.set('DELETE /v4/account/sessions/s2', {
      status: 404,
      body: { code: 'not_found', detail: 'Gone.' },
    });
    await user.click(await sessions.findByRole('button', { name: /^End: Safari/ }));
    expect(await sessions.findByText('Gone.')).toHaveAttribute('role', 'alert');
  });

  it('all end after a confirmation, with the key pairs if chosen', async () => {
    const { user, client } = setup({ keyPairs: 2 });
    const sessions = await section('Sessions');
    await user.click(sessions.getByRole('button', { name: 'Log out everywhere' }));
    const question = within(sessions.getByRole('group', { name: 'Log out everywhere?' }));
    expect(question.getByRole('button', { name: 'Stay logged in' })).toHaveFocus();
    await user.keyboard('{Escape}');
    expect(sessions.getByRole('button', { name: 'Log out everywhere' })).toHaveFocus();
    await user.keyboard('{Enter}');
    await user.click(sessions.getByRole('checkbox', { name: 'Also revoke my 2 API keys' }));
    await user.click(sessions.getByRole('button', { name: 'Log out everywhere' }));
    await waitFor(() => expect(openPage.mock.calls).toEqual([['/login']]));
    expect(asked('DELETE', '/v4/account/sessions').map(({ query }) => query)).toEqual(['?keyPairs=true']);
    expect(client.getQueryData(keys.me)).toBeUndefined();
  });
});
