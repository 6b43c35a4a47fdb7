import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { keys } from '@/api/keys';
import { meOf } from '@/shared/testing/me';
import { renderUi, testClient } from '@/shared/testing/render';
import { ResetPage } from './reset-page';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

type Answer = { status?: number; body: unknown };

const check = { email: 'amelia@example.com', tenants: ['Acme', 'Meridian Press'], keyPairs: 3 };
const password = 'seven quiet harbour lamps';

function open({
  at = '/reset#t0ken',
  look = { body: check },
  put = { body: { message: 'ok' } },
}: {
  at?: string;
  look?: Answer;
  put?: Answer;
} = {}) {
  server.answers(({ path }) => (path === '/v4/password-resets/checks' ? look : put));
  const client = testClient();
  client.setQueryData(keys.me, meOf('owner'));
  history.replaceState(null, '', at);
  renderUi(<ResetPage />, { client });
  return { client, user: userEvent.setup() };
}

const puts = () => server.asked.filter(({ method }) => method === 'PUT');

it('names the account, changes the password, and links to the log-in page', async () => {
  const { client, user } = open();
  expect(await screen.findByRole('heading', { name: 'Choose a new password' })).toBeVisible();
  expect(screen.getByText('amelia@example.com')).toBeVisible();
  expect(screen.getByText('Acme and Meridian Press')).toBeVisible();
  await waitFor(() => expect(location.href).toBe(`${location.origin}/reset`));
  expect(server.asked).toMatchObject([{ method: 'POST', body: { token: 't0ken' } }]);
  await user.type(screen.getByLabelText('New password'), `${password}{Enter}`);
  expect(await screen.findByText('Your password was changed. Every session has ended.')).toHaveFocus();
  expect(puts()).toMatchObject([
    { path: '/v4/password-resets', body: { token: 't0ken', password, keepKeyPairs: false } },
  ]);
  expect(screen.getByRole('link', { name: 'Log in' })).toHaveAttribute('href', '/login');
  expect(client.getQueryData(keys.me)).toBeUndefined();
});

it('takes the secret of another link that is opened in the same tab', async () => {
  open();
  await screen.findByLabelText('New password');
  location.hash = 'an0ther';
  await waitFor(() => expect(server.asked.map(({ body }) => body)).toEqual([{ token: 't0ken' }, { token: 'an0ther' }]));
  expect(location.href).toBe(`${location.origin}/reset`);
});

it('keeps the key pairs if chosen', async () => {
  const { user } = open();
  const keep = await screen.findByRole('checkbox', { name: 'Keep my 3 API keys' });
  expect(keep).not.toBeChecked();
  await user.click(keep);
  await user.type(screen.getByLabelText('New password'), `${password}{Enter}`);
  await waitFor(() => expect(puts()).toMatchObject([{ body: { keepKeyPairs: true } }]));
});

it('does not ask about key pairs without any', async () => {
  open({ look: { body: { ...check, keyPairs: 0 } } });
  expect(await screen.findByLabelText('New password')).toBeVisible();
  expect(screen.queryByRole('checkbox')).not.toBeInTheDocument();
});

it('shows at the field what is wrong with the password', async () => {
  const { user } = open({ put: { status: 400, body: { code: 'invalid', field: 'password', detail: 'Too common.' } } });
  await user.type(await screen.findByLabelText('New password'), `${password}{Enter}`);
  expect(await screen.findByText('Too common.')).toBeVisible();
  expect(screen.getByLabelText('New password')).toBeInvalid();
});

it.each(['/reset', '/reset#spent'])('links from %s to the request of a new link', async (at) => {
  open({ at, look: { status: 404, body: { code: 'not_found', detail: 'Unknown.' } } });
  expect(await screen.findByRole('link', { name: 'Ask for a new link' })).toHaveAttribute('href', '/forgot-password');
});
