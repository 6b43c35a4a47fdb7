import type { QueryClient } from '@tanstack/react-query';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { keys } from '@/api/keys';
import { meOf } from '@/shared/testing/me';
import { renderUi, testClient } from '@/shared/testing/render';
import { KeyPairsPage } from './key-pairs-page';
import { KeyServer, secret } from './testing';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

async function open() {
  const keeper = new KeyServer([]);
  const client = testClient();
  client.setQueryData(keys.me, meOf('exporter'));
  server.answers(keeper.answer);
  renderUi(<KeyPairsPage />, { client, at: '/t/meridian/key-pairs', page: true });
  const user = userEvent.setup();
  await user.click(await screen.findByRole('button', { name: 'Create an API key' }));
  const dialog = await screen.findByRole('dialog', { name: 'New API key' });
  return { keeper, client, user, dialog, inside: within(dialog) };
}

const queried = (client: QueryClient) =>
  JSON.stringify(
    client
      .getQueryCache()
      .getAll()
      .map(({ state }) => state),
  );
const mutated = (client: QueryClient) =>
  JSON.stringify(
    client
      .getMutationCache()
      .getAll()
      .map(({ state }) => state),
  );
const made = () => server.asked.filter(({ method }) => method === 'POST');

it('shows the secret of a new key pair once, and drops it', async () => {
  const { client, user, dialog, inside } = await open();
  const field = inside.getByRole('textbox', { name: 'Note' });
  await waitFor(() => expect(field).toHaveFocus());
  await user.type(field, 'nightly export{Enter}');
  expect(await inside.findByText(secret)).toBeVisible();
  expect(made()).toMatchObject([{ path: '/v3/admin/users/u1/keypairs', body: { note: 'nightly export' } }]);
  expect(inside.getByText('NEW')).toBeVisible();
  const warning = inside.getByText('Copy the secret key now.').parentElement;
  expect(warning).toHaveTextContent('It is not shown again.');
  expect(warning).toHaveFocus();
  expect(inside.getByRole('button', { name: 'Copy the access key' })).toBeVisible();
  await user.click(inside.getByRole('button', { name: 'Copy the secret key' }));
  expect(await navigator.clipboard.readText()).toBe(secret);
  expect(await screen.findByRole('row', { name: /nightly export/, hidden: true })).toBeInTheDocument();
  expect(queried(client)).toContain('NEW');
  expect(queried(client)).not.toContain(secret);

  await user.click(inside.getByRole('button', { name: 'Done' }));
  await waitFor(() => expect(dialog).not.toBeInTheDocument());
  const button = screen.getByRole('button', { name: 'New API key' });
  await waitFor(() => expect(button).toHaveFocus());
  expect(document.body).not.toHaveTextContent(secret);
  expect(queried(client)).not.toContain(secret);
  await waitFor(() => expect(mutated(client)).not.toContain(secret));
  await user.click(button);
  expect(await screen.findByRole('textbox', { name: 'Note' })).toHaveValue('');
});

it('closes by its button only while the secret is loading or shown', async () => {
  const { keeper, user, dialog, inside } = await open();
  let go = () => {};
  keeper.until = new Promise((resolve) => {
    go = resolve;
  });
  await user.click(inside.getByRole('button', { name: 'Create' }));
  await user.keyboard('{Escape}');
  expect(dialog).toBeVisible();
  expect(inside.getByRole('button', { name: 'Cancel' })).toBeDisabled();
  go();
  expect(await inside.findByText(secret)).toBeVisible();
  expect(inside.queryByRole('button', { name: 'Close' })).not.toBeInTheDocument();
  await user.keyboard('{Escape}{Escape}');
  const overlay = document.querySelector('.mantine-Modal-overlay');
  if (overlay) await user.click(overlay);
  expect(inside.getByText(secret)).toBeVisible();
  expect(inside.getByRole('alert')).toHaveTextContent('The secret key is not shown again.');
  expect(made()).toHaveLength(1);
});

it('closes by Escape before the key pair is created', async () => {
  const { user, dialog } = await open();
  await user.keyboard('{Escape}');
  await waitFor(() => expect(dialog).not.toBeInTheDocument());
  expect(made()).toEqual([]);
});

it('shows why none was created, and keeps the input', async () => {
  const { keeper, user, dialog, inside } = await open();
  keeper.refuses = { method: 'POST', status: 503 };
  await user.type(inside.getByRole('textbox', { name: 'Note' }), 'weekly');
  await user.click(inside.getByRole('button', { name: 'Create' }));
  expect(await inside.findByRole('alert')).toHaveTextContent('Not now.');
  expect(inside.getByRole('textbox', { name: 'Note' })).toHaveValue('weekly');
  keeper.refuses = null;
  await user.click(inside.getByRole('button', { name: 'Create' }));
  expect(await inside.findByText(secret)).toBeVisible();
  expect(dialog).not.toHaveTextContent('Not now.');
});

it('accepts no note longer than the server does', async () => {
  const { user, inside } = await open();
  await user.click(inside.getByRole('textbox', { name: 'Note' }));
  await user.paste('x'.repeat(501));
  expect(inside.getByRole('alert')).toHaveTextContent('Too long: at most 500 bytes.');
  await user.click(inside.getByRole('button', { name: 'Create' }));
  expect(made()).toEqual([]);
});
