import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { renderUi } from '@/shared/testing/render';
import { ForgotPasswordPage } from './forgot-password-page';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

async function ask(answer: { status: number; body: unknown }) {
  server.answers(() => answer);
  renderUi(<ForgotPasswordPage />);
  const user = userEvent.setup();
  expect(await screen.findByRole('heading', { name: 'Forgot your password?' })).toBeVisible();
  expect(screen.getByLabelText('Email address')).toHaveFocus();
  await user.keyboard(' amelia@example.com {Enter}');
  return user;
}

it('sends a link, and does not reveal whether the account exists', async () => {
  await ask({ status: 202, body: { message: 'ok' } });
  const words = await screen.findByText(
    'If this address has an account, a link is on its way. It is valid for one hour.',
  );
  expect(words).toHaveFocus();
  expect(server.asked).toMatchObject([
    { method: 'POST', path: '/v4/password-resets', body: { email: 'amelia@example.com' } },
  ]);
  expect(screen.getByRole('link', { name: 'Back to the log-in page' })).toHaveAttribute('href', '/login');
});

it("names the operator's command without a mail server", async () => {
  await ask({ status: 409, body: { code: 'mail_not_configured', detail: 'No mail.' } });
  expect(await screen.findByText('egress admin reset EMAIL')).toBeVisible();
  expect(screen.getByText(/Ask the operator of Egress/)).toHaveFocus();
  expect(await screen.findByRole('button', { name: 'Copy the command' })).toBeVisible();
});

it('shows the wait after too many attempts, and sends nothing meanwhile', async () => {
  const user = await ask({ status: 429, body: { code: 'rate_limited', detail: 'Too many.', retryAfterSeconds: 42 } });
  expect(await screen.findByText(/^Too many\. Try again in 42 s/)).toBeVisible();
  await user.type(screen.getByLabelText('Email address'), '{Enter}');
  expect(server.asked).toHaveLength(1);
});
