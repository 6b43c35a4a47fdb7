import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { keys } from '@/shared/api/keys';
import { renderUi, testClient } from '@/shared/testing/render';
import { InvitationPage } from './invitation-page';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

const invited = { email: 'noor@example.com', name: 'noor', tenant: 'Meridian Press' };
const spent = { status: 404, body: { code: 'not_found', detail: 'This invitation is not good any more.' } };

type Answer = { status?: number; body: unknown };

function open(at: string, { look = { body: invited }, accept }: { look?: Answer; accept?: Answer } = {}) {
  const given = { look, accept };
  server.answers(({ path }) => (path === '/v4/invitations' ? given.look : given.accept));
  const client = testClient();
  client.setQueryData(keys.me, { email: 'somebody.else@example.com' });
  const { router } = renderUi(<InvitationPage />, { client, at, page: true });
  return { router, client, given, user: userEvent.setup() };
}

const asked = (path: string) => server.asked.filter((one) => one.path === path);

it('says whom it invites and where to, and logs in with what they choose', async () => {
  const { router, client, user } = open('/invitation#t0ken', { accept: { body: { cookie: 'x', message: 'ok' } } });
  expect(await screen.findByRole('heading', { name: 'Join Meridian Press' })).toBeVisible();
  expect(asked('/v4/invitations')).toMatchObject([{ method: 'POST', body: { token: 't0ken' } }]);
  expect(screen.getByLabelText('Email address')).toHaveValue('noor@example.com');
  expect(screen.getByLabelText('Your name')).toHaveFocus();
  await user.keyboard(' Noor Haddad ');
  await user.type(screen.getByLabelText('Password'), 'correct horse{Enter}');
  await waitFor(() => expect(router.history.location.href).toBe('/'));
  expect(asked('/v4/invitations/acceptances')).toMatchObject([
    { method: 'POST', body: { token: 't0ken', name: 'Noor Haddad', password: 'correct horse' } },
  ]);
  expect(client.getQueryData(keys.me)).toBeUndefined();
  expect(asked('/v4/invitations')).toHaveLength(1);
});

it('takes no password that is too short', async () => {
  const { user } = open('/invitation#t0ken');
  const password = await screen.findByLabelText('Password');
  await user.type(password, 'short{Enter}');
  expect(password).toBeInvalid();
  expect(screen.getByText('At least 8 characters.')).toBeVisible();
  expect(screen.getByText('This one is too short.')).toHaveAttribute('role', 'alert');
  expect(asked('/v4/invitations/acceptances')).toEqual([]);
});

it('says why it could not be accepted, and keeps what was typed', async () => {
  const { router, user } = open('/invitation#t0ken', { accept: spent });
  await user.type(await screen.findByLabelText('Password'), 'correct horse{Enter}');
  expect(await screen.findByText('This invitation is not good any more.')).toBeVisible();
  expect(screen.getByLabelText('Password')).toHaveValue('correct horse');
  expect(router.state.location.pathname).toBe('/invitation');
});

it.each(['/invitation', '/invitation#spent'])('leads from %s, which invites nobody, to the log-in page', async (at) => {
  open(at, { look: spent });
  expect(await screen.findByRole('heading', { name: 'This invitation is not good any more' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Log in' })).toHaveAttribute('href', '/login');
  expect(asked('/v4/invitations')).toHaveLength(at === '/invitation' ? 0 : 1);
});

it('tries again where the server cannot say', async () => {
  const busy = { status: 503, body: { code: 'unavailable', detail: 'Not now.' } };
  const { user, given } = open('/invitation#t0ken', { look: busy });
  expect(await screen.findByText('Not now.')).toBeVisible();
  given.look = { body: invited };
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('heading', { name: 'Join Meridian Press' })).toBeVisible();
});
