import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { renderUi } from '@/shared/testing/render';
import { LoginForm } from './login-form';

const answers = vi.fn<(request: Request) => Promise<Response>>();

beforeEach(() => {
  vi.stubGlobal('fetch', answers);
});
afterEach(() => {
  vi.unstubAllGlobals();
  answers.mockReset();
});

function refusal(status: number, problem: object): Response {
  const headers = { 'Content-Type': 'application/problem+json' };
  return new Response(JSON.stringify({ status, ...problem }), { status, headers });
}

async function logIn() {
  const user = userEvent.setup();
  const done = vi.fn();
  renderUi(<LoginForm size="md" onDone={done} />);
  await user.type(screen.getByLabelText('Email address'), 'amelia@example.com');
  await user.type(screen.getByLabelText('Password'), 'wrong');
  await user.click(screen.getByRole('button', { name: 'Log in' }));
  return { user, done };
}

it('shows a wrong password, and clears and focuses the field', async () => {
  answers.mockResolvedValue(refusal(401, { code: 'unauthenticated', detail: 'The password is wrong.' }));
  const { done } = await logIn();
  expect(await screen.findByText('The password is wrong.')).toBeVisible();
  expect(screen.getByLabelText('Password')).toHaveValue('');
  expect(screen.getByLabelText('Password')).toHaveFocus();
  expect(done).not.toHaveBeenCalled();
});

it('shows the wait after too many failures, and sends nothing meanwhile', async () => {
  answers.mockResolvedValue(
    refusal(429, { code: 'rate_limited', detail: 'Too many failed attempts.', retryAfterSeconds: 42 }),
  );
  const { user } = await logIn();
  expect(await screen.findByText(/Try again in 42 s/)).toBeVisible();
  await user.type(screen.getByLabelText('Password'), 'again{Enter}');
  expect(answers).toHaveBeenCalledTimes(1);
});

it('continues after the log-in', async () => {
  answers.mockResolvedValue(Response.json({ cookie: 'egress_session=x', message: 'ok' }));
  const { done } = await logIn();
  await expect.poll(() => done.mock.calls.length).toBe(1);
});
