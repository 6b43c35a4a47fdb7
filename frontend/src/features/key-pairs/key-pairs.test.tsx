import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { KeyPair, Role } from '@/api/client';
import { keys } from '@/api/keys';
import { meOf } from '@/shared/testing/me';
import { renderUi, testClient } from '@/shared/testing/render';
import { KeyPairsPage } from './key-pairs-page';
import { KeyServer, pairOf } from './testing';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

const nightly = pairOf('AK1');
const unnamed = pairOf('AK2', { note: '', user_id: 'u2', email: null, last_used: '2026-11-23T08:31:00.000Z' });

function setup(pairs: KeyPair[] = [nightly, unnamed], role: Role = 'owner') {
  const keeper = new KeyServer(pairs);
  const client = testClient();
  client.setQueryData(keys.me, meOf(role));
  server.answers(keeper.answer);
  renderUi(<KeyPairsPage />, { client, at: '/t/meridian/key-pairs', page: true });
  return { keeper, client, user: userEvent.setup() };
}

const rowOf = async (accessKey: string) => within(await screen.findByRole('row', { name: new RegExp(accessKey) }));
const asked = (method: string) => server.asked.filter((one) => one.method === method);

describe('the list', () => {
  it('shows the note of each key pair, and its admin to owners', async () => {
    setup();
    const first = await rowOf('AK1');
    expect(screen.getAllByRole('columnheader').map(({ textContent }) => textContent)).toEqual([
      'Note',
      'Access key',
      'Admin',
      'Created',
      'Last used',
      'Actions',
    ]);
    expect(first.getByText('nightly export')).toBeVisible();
    expect(first.getByText('amelia.hart@example.com')).toBeVisible();
    expect(first.getByText('2 Nov 2026')).toBeVisible();
    expect(first.getByText('never')).toBeVisible();
    const second = await rowOf('AK2');
    expect(second.getByText('No note')).toBeVisible();
    expect(second.getByRole('cell', { name: /removed$/ })).toBeVisible();
    expect(second.getByText(/^23 Nov 2026, \d\d:\d\d$/)).toHaveAttribute('datetime', '2026-11-23T08:31:00.000Z');
    expect(screen.getByText(/As an owner, you see the API keys of all members/)).toBeVisible();
    expect(screen.getByRole('link', { name: 'API reference' })).toHaveAttribute('href', '/docs/api/');
    expect(asked('GET')[0]?.headers.get('Egress-Tenant')).toBe('meridian');
  });

  it('shows exporters their own key pairs without an admin column', async () => {
    setup([nightly], 'exporter');
    await rowOf('AK1');
    expect(screen.queryByRole('columnheader', { name: 'Admin' })).not.toBeInTheDocument();
    expect(screen.queryByText('amelia.hart@example.com')).not.toBeInTheDocument();
    expect(screen.queryByText(/As an owner/)).not.toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'New API key' })).toBeVisible();
  });

  it('tells viewers who has API keys, without a request', async () => {
    setup([], 'viewer');
    expect(await screen.findByRole('heading', { name: 'Exporters and owners have API keys' })).toBeVisible();
    expect(screen.getByText('Ask an owner of Meridian Press for the role exporter.')).toBeVisible();
    expect(screen.queryByRole('button', { name: 'New API key' })).not.toBeInTheDocument();
    expect(server.asked).toEqual([]);
  });

  it('names the time zone only next to times', async () => {
    const { client } = setup([]);
    expect(await screen.findByRole('heading', { name: 'No API keys yet' })).toBeVisible();
    expect(screen.queryByText(/^Times in/)).not.toBeInTheDocument();
    act(() => client.setQueryData(keys.keyPairs('meridian'), [nightly]));
    expect(await screen.findByText(/^Times in/)).toBeVisible();
  });

  it('shows placeholder rows during loading, an error after a failure, and retries', async () => {
    const { keeper, user } = setup();
    keeper.refuses = { method: 'GET', status: 503 };
    expect(await screen.findByRole('status', { name: 'Loading the API keys' })).toBeVisible();
    const alert = await screen.findByRole('alert');
    expect(within(alert).getByRole('heading', { name: 'The API keys could not be loaded' })).toBeVisible();
    keeper.refuses = null;
    await user.click(within(alert).getByRole('button', { name: 'Retry' }));
    await rowOf('AK1');
  });

  it('offers to create the first one', async () => {
    const { user } = setup([]);
    expect(await screen.findByRole('heading', { name: 'No API keys yet' })).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Create an API key' }));
    expect(await screen.findByRole('dialog', { name: 'New API key' })).toBeVisible();
  });
});

describe('the note of a key pair', () => {
  const edit = async () => {
    const { user, ...rest } = setup();
    await user.click((await rowOf('AK1')).getByRole('button', { name: 'Edit note: nightly export' }));
    return { user, field: screen.getByRole('textbox', { name: 'Note' }), ...rest };
  };

  it('is edited in place, and saved by Enter', async () => {
    const { user, field } = await edit();
    expect(field).toHaveFocus();
    await user.clear(field);
    await user.type(field, ' weekly export {Enter}');
    await waitFor(() => expect(field).not.toBeInTheDocument());
    expect(asked('PATCH')).toMatchObject([{ path: '/v4/key-pairs/AK1', body: { note: 'weekly export' } }]);
    const pencil = (await rowOf('AK1')).getByRole('button', { name: 'Edit note: weekly export' });
    expect(pencil).toHaveFocus();
  });

  it('stays after Escape, and nothing is sent without a change', async () => {
    const { user, field } = await edit();
    await user.type(field, ', no{Escape}');
    expect(field).not.toBeInTheDocument();
    expect((await rowOf('AK1')).getByText('nightly export')).toBeVisible();
    await user.keyboard('{Enter}');
    await user.type(screen.getByRole('textbox', { name: 'Note' }), '{Enter}');
    expect(screen.queryByRole('textbox')).not.toBeInTheDocument();
    expect(asked('PATCH')).toEqual([]);
  });

  it('is not saved if it is too long, in bytes', async () => {
    const { user, field } = await edit();
    await user.clear(field);
    await user.paste('é'.repeat(250));
    expect(field).toBeValid();
    await user.type(field, 'x{Enter}');
    expect(screen.getByRole('alert')).toHaveTextContent('Too long: at most 500 bytes.');
    expect(field).toBeInvalid();
    expect(asked('PATCH')).toEqual([]);
  });

  it('keeps the input if the server refuses, with the server’s message', async () => {
    const { user, field, keeper } = await edit();
    keeper.refuses = { method: 'PATCH', status: 503 };
    await user.type(field, '!{Enter}');
    expect(await screen.findByRole('alert')).toHaveTextContent('Not now.');
    expect(field).toHaveValue('nightly export!');
    await user.keyboard('{Escape}');
    expect((await rowOf('AK1')).getByText('nightly export')).toBeVisible();
  });
});

describe('the request limit of a key pair', () => {
  it('is set and removed by owners', async () => {
    const { user } = setup([nightly]);
    const row = await rowOf('AK1');
    expect(row.getByText('Default request limit')).toBeVisible();
    await user.click(row.getByRole('button', { name: 'Edit request limit: nightly export' }));
    const field = screen.getByRole('textbox', { name: 'Requests per minute' });
    await user.type(field, '0{Enter}');
    expect(screen.getByRole('alert')).toHaveTextContent('Enter a whole number from 1 to 100,000');
    expect(asked('PATCH')).toEqual([]);
    await user.clear(field);
    await user.type(field, '1200{Enter}');
    expect(await row.findByText('1,200 requests per minute')).toBeVisible();
    await user.click(row.getByRole('button', { name: 'Edit request limit: nightly export' }));
    await user.clear(screen.getByRole('textbox', { name: 'Requests per minute' }));
    await user.keyboard('{Enter}');
    expect(await row.findByText('Default request limit')).toBeVisible();
    expect(asked('PATCH').map(({ body }) => body)).toEqual([
      { requests_per_minute: 1200 },
      { requests_per_minute: null },
    ]);
  });

  it('is only shown to exporters, where one is set', async () => {
    setup([pairOf('AK1', { requests_per_minute: 60 })], 'exporter');
    const row = await rowOf('AK1');
    expect(row.getByText('60 requests per minute')).toBeVisible();
    expect(row.queryByRole('button', { name: /request limit/ })).not.toBeInTheDocument();
  });
});

describe('revoking', () => {
  const ask = async () => {
    const all = setup();
    await all.user.click((await rowOf('AK2')).getByRole('button', { name: 'Revoke: AK2' }));
    return { question: within(screen.getByRole('group', { name: 'Revoke this API key?' })), ...all };
  };

  it('asks in place, and keeps the key pair by the button and by Escape', async () => {
    const { question, user } = await ask();
    expect(question.getByText(/Requests signed with it are refused immediately\./)).toBeVisible();
    expect(question.getByRole('button', { name: 'Keep' })).toHaveFocus();
    await user.keyboard('{Escape}');
    const button = (await rowOf('AK2')).getByRole('button', { name: 'Revoke: AK2' });
    expect(button).toHaveFocus();
    await user.click(button);
    await user.click(screen.getByRole('button', { name: 'Keep' }));
    expect(screen.queryByRole('group')).not.toBeInTheDocument();
    expect(asked('DELETE')).toEqual([]);
  });

  it('removes the key pair of any admin from the list, and focuses the list', async () => {
    const { question, user } = await ask();
    await user.click(question.getByRole('button', { name: 'Revoke' }));
    await waitFor(() => expect(screen.queryByRole('row', { name: /AK2/ })).not.toBeInTheDocument());
    expect(asked('DELETE')).toMatchObject([{ path: '/v3/admin/users/u2/keypairs/AK2' }]);
    expect(screen.getByRole('region', { name: 'API keys' })).toHaveFocus();
    expect(screen.getByRole('status')).toHaveTextContent('1 API key');
    await rowOf('AK1');
  });

  it('keeps the key pair if the server refuses, with the server’s message', async () => {
    const { question, user, keeper } = await ask();
    keeper.refuses = { method: 'DELETE', status: 503 };
    await user.click(question.getByRole('button', { name: 'Revoke' }));
    expect(await (await rowOf('AK2')).findByRole('alert')).toHaveTextContent('Not now.');
  });
});
