import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { keys } from '@/api/keys';
import { meOf } from '@/shared/testing/me';
import { renderUi, testClient } from '@/shared/testing/render';
import type { Exchange } from '@/shared/testing/server';
import { InvitationPage } from './invitation-page';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());
const openPage = vi.hoisted(() => vi.fn<(address: string, how?: { replace?: boolean }) => void>());
vi.mock('@/shared/open-page', () => ({ openPage }));

type Answer = { status?: number; body: unknown };

const invited = { email: 'noor@example.com', name: 'noor', tenant: 'Meridian Press', role: 'exporter' };
const title = 'You are invited to Meridian Press as exporter';
const nobody = { status: 401, body: { code: 'unauthenticated', detail: 'Log in first.' } };
const noor = { body: { ...meOf('viewer'), email: 'Noor@example.com' } };
const joined = { body: { tenant: 'meridian', name: 'Meridian Press', role: 'exporter', message: 'Joined.' } };
const refused = (status: number, detail: string, more = {}) => ({ status, body: { code: 'exists', detail, ...more } });

/** The answers of the fake server by path. Log-in and log-out change the logged-in account. */
function open(at: string, given: Record<string, Answer> = {}) {
  const answers: Record<string, Answer> = {
    '/v4/invitations': { body: invited },
    '/v4/me': nobody,
    '/v4/account/invitations': joined,
    '/v4/invitations/acceptances': { body: { cookie: 'x', message: 'ok' } },
    ...given,
  };
  server.answers(({ path }: Exchange) => {
    if (path === '/v3/admin/login') answers['/v4/me'] = noor;
    if (path === '/v3/admin/logout') answers['/v4/me'] = nobody;
    return answers[path] ?? { body: { message: 'ok' } };
  });
  const client = testClient();
  history.replaceState(null, '', at);
  openPage.mockReset();
  renderUi(<InvitationPage />, { client });
  return { client, answers, user: userEvent.setup() };
}

const asked = (path: string) => server.asked.filter((one) => one.path === path);

it('names address, tenant and role, and removes the secret from the address', async () => {
  open('/invitation#t0ken');
  expect(await screen.findByRole('heading', { name: title })).toBeVisible();
  expect(screen.getByText('noor@example.com')).toBeVisible();
  expect(asked('/v4/invitations')).toMatchObject([{ method: 'POST', body: { token: 't0ken' } }]);
  await waitFor(() => expect(location.href).toBe(`${location.origin}/invitation`));
  expect(asked('/v4/invitations')).toHaveLength(1);
});

describe('with a new password', () => {
  it('logs in with the chosen name and password, for this tenant only', async () => {
    const { client, user } = open('/invitation#t0ken');
    expect(await screen.findByText(/The new password gives access to/)).toHaveTextContent(
      'gives access to Meridian Press only.',
    );
    expect(screen.getByLabelText('Email address')).toHaveValue('noor@example.com');
    expect(screen.getByLabelText('Your name')).toHaveFocus();
    await user.keyboard(' Noor Haddad ');
    await user.type(screen.getByLabelText('Password'), 'seven quiet harbour lamps{Enter}');
    await waitFor(() => expect(openPage.mock.calls).toEqual([['/', { replace: true }]]));
    expect(asked('/v4/invitations/acceptances')).toMatchObject([
      { method: 'POST', body: { token: 't0ken', name: 'Noor Haddad', password: 'seven quiet harbour lamps' } },
    ]);
    expect(client.getQueryData(keys.me)).toBeUndefined();
  });

  it('shows at the field what is wrong with the password', async () => {
    const answer = { status: 400, body: { code: 'invalid', field: 'password', detail: 'This password is common.' } };
    const { user } = open('/invitation#t0ken', { '/v4/invitations/acceptances': answer });
    const password = await screen.findByLabelText('Password');
    await user.type(password, 'seven quiet harbour lamps{Enter}');
    expect(await screen.findByText('This password is common.')).toHaveAttribute('role', 'alert');
    expect(password).toBeInvalid();
    await user.type(password, '5');
    expect(screen.queryByText('This password is common.')).not.toBeInTheDocument();
  });

  it('sends no password that the server would refuse', async () => {
    const { user } = open('/invitation#t0ken');
    const password = await screen.findByLabelText('Password');
    await user.type(password, 'meridian-noor{Enter}');
    expect(await screen.findByText(/mostly your email address, a name/)).toHaveAttribute('role', 'alert');
    expect(password).toBeInvalid();
    expect(asked('/v4/invitations/acceptances')).toEqual([]);
  });

  it.each([
    [refused(404, 'This invitation is no longer valid.'), 'This invitation is no longer valid.'],
    [refused(409, 'This account has a second factor. Log in and accept.'), /^This account has a second factor\./],
    [refused(429, 'Too many attempts.', { retryAfterSeconds: 42 }), 'Too many attempts. Try again in 42 s.'],
  ])('shows why it was refused, and keeps the input: %j', async (answer, words) => {
    const { user } = open('/invitation#t0ken', { '/v4/invitations/acceptances': answer });
    const password = await screen.findByLabelText('Password');
    await user.type(password, 'seven quiet harbour lamps{Enter}');
    expect(await screen.findByText(words)).toBeVisible();
    expect(password).toHaveValue('seven quiet harbour lamps');
    expect(openPage).not.toHaveBeenCalled();
    await user.type(password, '{Enter}');
    expect(asked('/v4/invitations/acceptances')).toHaveLength(answer.status === 429 ? 1 : 2);
  });
});

describe('with an account', () => {
  it('is accepted by logging in', async () => {
    const { user } = open('/invitation#t0ken');
    await user.click(await screen.findByRole('radio', { name: 'Log in and accept' }));
    await user.type(screen.getByLabelText('Password'), 'seven quiet harbour lamps{Enter}');
    await waitFor(() => expect(openPage.mock.calls).toEqual([['/t/meridian/users']]));
    expect(asked('/v3/admin/login')).toMatchObject([
      {
        body: {
          identifiers: { email_address: 'noor@example.com' },
          validators: { password: 'seven quiet harbour lamps' },
        },
      },
    ]);
    expect(asked('/v4/account/invitations')).toMatchObject([{ method: 'POST', body: { token: 't0ken' } }]);
    expect(asked('/v4/invitations/acceptances')).toEqual([]);
  });

  it('needs one button in a session of the invited address', async () => {
    const { user } = open('/invitation#t0ken', { '/v4/me': noor });
    expect(await screen.findByText('Noor@example.com')).toBeVisible();
    expect(screen.queryByLabelText('Password')).not.toBeInTheDocument();
    expect(asked('/v4/account/invitations')).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Join Meridian Press' }));
    await waitFor(() => expect(openPage.mock.calls).toEqual([['/t/meridian/users']]));
    expect(asked('/v4/account/invitations')).toHaveLength(1);
    expect(asked('/v4/me')).toHaveLength(2);
  });

  it('shows why the server refused to add the account', async () => {
    const answer = refused(409, 'You are a member of Meridian Press.');
    const { user } = open('/invitation#t0ken', { '/v4/me': noor, '/v4/account/invitations': answer });
    await user.click(await screen.findByRole('button', { name: 'Join Meridian Press' }));
    expect(await screen.findByText('You are a member of Meridian Press.')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Join Meridian Press' })).toBeVisible();
  });

  it('asks for the password if the session has ended meanwhile', async () => {
    const { answers, user } = open('/invitation#t0ken', { '/v4/me': noor, '/v4/account/invitations': nobody });
    const button = await screen.findByRole('button', { name: 'Join Meridian Press' });
    answers['/v4/me'] = nobody;
    await user.click(button);
    expect(await screen.findByRole('radio', { name: 'Log in and accept' })).toBeVisible();
  });

  it('asks to log out if another address is logged in, then continues', async () => {
    const { user } = open('/invitation#t0ken', { '/v4/me': { body: meOf('owner') } });
    expect(await screen.findByText('amelia.hart@example.com')).toBeVisible();
    expect(screen.queryByRole('button', { name: /Join/ })).not.toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Log out' }));
    expect(await screen.findByLabelText('Your name')).toBeVisible();
    expect(asked('/v3/admin/logout')).toHaveLength(1);
    expect(screen.getByRole('heading', { name: title })).toBeVisible();
  });
});

it.each([
  ['/invitation', 'The link is incomplete'],
  ['/invitation#spent', 'This link is no longer valid'],
])('links from the invalid address %s to the log-in page', async (at, name) => {
  open(at, { '/v4/invitations': refused(404, 'Unknown.') });
  expect(await screen.findByRole('heading', { name })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Log in' })).toHaveAttribute('href', '/login');
  expect(asked('/v4/invitations')).toHaveLength(at === '/invitation' ? 0 : 1);
});

it('retries if the server does not answer', async () => {
  const { user, answers } = open('/invitation#t0ken', { '/v4/invitations': refused(503, 'Not now.') });
  expect(await screen.findByText('Not now.')).toBeVisible();
  answers['/v4/invitations'] = { body: invited };
  await user.click(screen.getByRole('button', { name: 'Retry' }));
  expect(await screen.findByRole('heading', { name: title })).toBeVisible();
});
