import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakePasskeys } from '@/shared/testing/passkeys';
import { renderUi } from '@/shared/testing/render';
import { LoginForm } from './login-form';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

type Answer = { status?: number; body: unknown };

const loggedIn: Answer = { body: { cookie: 'x', message: 'ok' } };
const challengeOf = (methods: string[]) => ({
  challenge: 'c1',
  methods,
  passkey: methods.includes('passkey') ? { challenge: 'AAAA' } : null,
});
const refusal = (status: number, problem: object): Answer => ({ status, body: { status, ...problem } });

afterEach(() => {
  vi.unstubAllGlobals();
});

// Logs in with the password of an account with those methods.
async function logIn(methods: string[], ...answers: Answer[]) {
  const asks = { code: 'second_factor_required', detail: 'A second factor.', secondFactor: challengeOf(methods) };
  server.answers(({ path }) => {
    if (path === '/v3/admin/login') return refusal(401, asks);
    return path === '/v4/logins/second-factor' ? answers.shift() : undefined;
  });
  const user = userEvent.setup();
  const done = vi.fn();
  renderUi(<LoginForm size="md" onDone={done} />);
  await user.type(screen.getByLabelText('Email address'), 'amelia@example.com');
  await user.type(screen.getByLabelText('Password'), 'correct horse{Enter}');
  await screen.findByRole('form', { name: 'Second factor' });
  return { user, done };
}

const answers = () => server.asked.filter(({ path }) => path === '/v4/logins/second-factor').map(({ body }) => body);
const code = () => screen.getByLabelText('Code from your authenticator app');

describe('a code', () => {
  it('is sent with its sixth digit', async () => {
    const { user, done } = await logIn(['totp', 'recovery_code'], loggedIn);
    expect(code()).toHaveFocus();
    expect(code()).toHaveAttribute('autocomplete', 'one-time-code');
    expect(code()).toHaveAttribute('inputmode', 'numeric');
    expect(screen.queryByRole('button', { name: 'Use your passkey' })).not.toBeInTheDocument();
    await user.type(code(), '492 039');
    await waitFor(() => expect(done).toHaveBeenCalledOnce());
    expect(answers()).toEqual([{ challenge: 'c1', code: '492039' }]);
  });

  it('that is wrong clears the field and shows the reason', async () => {
    const wrong = refusal(400, { code: 'invalid_request', field: 'code', detail: 'This code is wrong.' });
    const { user, done } = await logIn(['totp'], wrong, loggedIn);
    await user.type(code(), '000000');
    expect(await screen.findByText('This code is wrong.')).toBeVisible();
    expect(code()).toBeInvalid();
    expect(code()).toHaveValue('');
    expect(code()).toHaveFocus();
    await user.type(code(), '492039');
    await waitFor(() => expect(done).toHaveBeenCalledOnce());
  });

  it('shows the wait after too many attempts', async () => {
    const many = refusal(429, { code: 'rate_limited', detail: 'Too many wrong codes.', retryAfterSeconds: 90 });
    const { user } = await logIn(['totp'], many);
    await user.type(code(), '000000');
    expect(await screen.findByText(/Too many wrong codes\. Try again in 1 min (?:30|29) s\./)).toBeVisible();
    await user.type(code(), '111111');
    expect(answers()).toHaveLength(1);
  });

  it('that is too late returns to the password with a reason', async () => {
    const late = refusal(401, { code: 'unauthenticated', detail: 'The log-in took too long. Log in again.' });
    const { user, done } = await logIn(['totp'], late);
    await user.type(code(), '492039');
    expect(await screen.findByText('The log-in took too long. Log in again.')).toBeVisible();
    expect(screen.getByLabelText('Email address')).toHaveValue('amelia@example.com');
    expect(screen.getByLabelText('Password')).toHaveFocus();
    expect(screen.getByLabelText('Password')).toHaveValue('');
    expect(done).not.toHaveBeenCalled();
  });
});

it('accepts a recovery code instead', async () => {
  const { user, done } = await logIn(['totp', 'recovery_code'], loggedIn);
  await user.click(screen.getByRole('button', { name: 'Use a recovery code instead' }));
  const field = screen.getByLabelText('Recovery code');
  expect(field).toHaveFocus();
  await user.type(field, 'k7wm-3xqd-9tfa{Enter}');
  await waitFor(() => expect(done).toHaveBeenCalledOnce());
  expect(answers()).toEqual([{ challenge: 'c1', recoveryCode: 'k7wm-3xqd-9tfa' }]);
});

it('returns to the password by its button', async () => {
  const { user } = await logIn(['totp']);
  await user.click(screen.getByRole('button', { name: 'Back' }));
  expect(screen.getByLabelText('Password')).toHaveFocus();
});

describe('a passkey', () => {
  it('has the focus, and logs in', async () => {
    const passkeys = new FakePasskeys();
    const { user, done } = await logIn(['passkey', 'totp', 'recovery_code'], loggedIn);
    expect(screen.getByRole('button', { name: 'Use your passkey' })).toHaveFocus();
    await user.keyboard('{Enter}');
    await waitFor(() => expect(done).toHaveBeenCalledOnce());
    expect(passkeys.asked).toEqual([{ challenge: 'AAAA' }]);
    expect(answers()).toEqual([{ challenge: 'c1', passkey: { id: 'credential' } }]);
  });

  it('that was cancelled can be tried again, or replaced by a code', async () => {
    const passkeys = new FakePasskeys();
    passkeys.refuses = 'NotAllowedError';
    const { user, done } = await logIn(['passkey', 'totp'], loggedIn);
    await user.click(screen.getByRole('button', { name: 'Use your passkey' }));
    expect(await screen.findByText(/No passkey was used/)).toBeVisible();
    await user.type(code(), '492039');
    await waitFor(() => expect(done).toHaveBeenCalledOnce());
  });

  it('is not offered by a browser without passkeys', async () => {
    await logIn(['passkey', 'recovery_code']);
    expect(screen.queryByRole('button', { name: 'Use your passkey' })).not.toBeInTheDocument();
    expect(screen.getByLabelText('Recovery code')).toHaveFocus();
  });
});
