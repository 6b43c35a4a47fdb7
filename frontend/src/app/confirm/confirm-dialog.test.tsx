import { Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { answered, api } from '@/api/client';
import { useConfirmationAsked } from '@/api/confirmation';
import { keys } from '@/api/keys';
import { makeQueryClient } from '@/api/query-client';
import { sessionLeft, useSessionEnded } from '@/api/session';
import { meOf } from '@/shared/testing/me';
import { renderUi, testClient } from '@/shared/testing/render';
import { ConfirmDialog } from './confirm-dialog';
import { useConfirmationEscape } from './use-confirmation-escape';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

const refusal = { status: 403, body: { code: 'confirmation_required', detail: 'Confirm who you are.' } };
const challenge = { challenge: 'c1', methods: ['totp', 'recovery_code'], passkey: null };

// A form whose mutation does not handle confirmations itself.
function Rename({ name }: { name: string }) {
  const rename = useMutation({ mutationFn: () => answered(api.PATCH('/v4/account', { body: { name } })) });
  return (
    <>
      <button type="button" disabled={rename.isPending} onClick={() => rename.mutate()}>
        Save {name}
      </button>
      {rename.data && <p>Now {rename.data.name}</p>}
      {rename.error && <p role="alert">{rename.error.message}</p>}
    </>
  );
}

function Root({ below }: { below: boolean }) {
  useConfirmationEscape();
  useConfirmationAsked();
  return (
    <>
      <Modal opened={below} onClose={() => document.body.setAttribute('data-closed', '')} title="Below">
        <Rename name="Noor" />
        <Rename name="Amelia" />
      </Modal>
      <ConfirmDialog />
      <output>{useSessionEnded() ? 'ended' : 'lives'}</output>
    </>
  );
}

function setup({ confirmation }: { confirmation: { status?: number; body: unknown }[] }) {
  document.body.removeAttribute('data-closed');
  let confirmed = false;
  server.answers(({ path, body }) => {
    if (path === '/v4/account') {
      return confirmed ? { body: { name: typeof body === 'object' && body && 'name' in body && body.name } } : refusal;
    }
    if (path === '/v4/me') return { body: meOf('owner') };
    const next = confirmation.shift();
    confirmed = (next?.status ?? 200) === 200 && !JSON.stringify(next?.body).includes('challenge');
    return next;
  });
  const client = makeQueryClient();
  client.setQueryData(keys.me, meOf('owner'));
  renderUi(<Root below />, { client });
  return { user: userEvent.setup() };
}

const done = { body: { confirmedUntil: '2026-11-23T08:46:28.000Z', secondFactor: null } };
const dialog = () => screen.findByRole('dialog', { name: 'Confirm it’s you' });
const sent = (path: string) => server.asked.filter((one) => one.path === path).map(({ body }) => body);

it('asks for the password, sends the same request again, and returns the focus', async () => {
  const { user } = setup({ confirmation: [done] });
  await user.click(await screen.findByRole('button', { name: 'Save Noor' }));
  expect(await dialog()).toBeVisible();
  const password = screen.getByLabelText('Password');
  await waitFor(() => expect(password).toHaveFocus());
  await user.type(password, 'correct horse{Enter}');
  expect(await screen.findByText('Now Noor')).toBeVisible();
  expect(sent('/v4/account')).toEqual([{ name: 'Noor' }, { name: 'Noor' }]);
  expect(sent('/v4/session/confirmations')).toEqual([{ password: 'correct horse' }]);
  await waitFor(() => expect(screen.getByRole('button', { name: 'Save Noor' })).toHaveFocus());
});

it('asks for the second factor if the account has one', async () => {
  const { user } = setup({ confirmation: [{ body: { confirmedUntil: null, secondFactor: challenge } }, done] });
  await user.click(await screen.findByRole('button', { name: 'Save Noor' }));
  await user.type(await screen.findByLabelText('Password'), 'correct horse{Enter}');
  await user.type(await screen.findByLabelText('Code from your authenticator app'), '492039');
  expect(await screen.findByText('Now Noor')).toBeVisible();
  expect(sent('/v4/session/confirmations/second-factor')).toEqual([{ challenge: 'c1', code: '492039' }]);
});

it('asks for the password again if the second step took too long', async () => {
  const late = {
    code: 'invalid_request',
    field: 'challenge',
    detail: 'This took too long. Enter your password again.',
  };
  const asks = { body: { confirmedUntil: null, secondFactor: challenge } };
  const { user } = setup({ confirmation: [asks, { status: 400, body: late }] });
  await user.click(await screen.findByRole('button', { name: 'Save Noor' }));
  await user.type(await screen.findByLabelText('Password'), 'correct horse{Enter}');
  await user.type(await screen.findByLabelText('Code from your authenticator app'), '492039');
  expect(await screen.findByText('This took too long. Enter your password again.')).toBeVisible();
  expect(screen.getByLabelText('Password')).toHaveFocus();
});

it('shows a wrong password next to the field, and keeps the session', async () => {
  const wrong = { status: 400, body: { code: 'invalid_request', field: 'password', detail: 'Wrong password.' } };
  const { user } = setup({
    confirmation: [wrong, { status: 401, body: { code: 'unauthenticated', detail: 'No.' } }, done],
  });
  await user.click(await screen.findByRole('button', { name: 'Save Noor' }));
  const password = await screen.findByLabelText('Password');
  await user.type(password, 'wrong{Enter}');
  expect(await screen.findByText('Wrong password.')).toBeVisible();
  expect(password).toBeInvalid();
  expect(password).toHaveValue('');
  expect(password).toHaveFocus();
  await user.type(password, 'wrong{Enter}');
  expect(await screen.findByText('No.')).toBeVisible();
  expect(screen.getByRole('status')).toHaveTextContent('lives');
  await user.type(password, 'correct horse{Enter}');
  expect(await screen.findByText('Now Noor')).toBeVisible();
});

it.each(['Escape', 'the button'])('changes nothing after %s, and keeps the dialog below open', async (way) => {
  const { user } = setup({ confirmation: [] });
  await user.click(await screen.findByRole('button', { name: 'Save Noor' }));
  await dialog();
  if (way === 'Escape') await user.keyboard('{Escape}');
  else await user.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(await screen.findByText('You did not confirm your identity, so nothing was changed.')).toBeVisible();
  expect(screen.queryByRole('dialog', { name: 'Confirm it’s you' })).not.toBeInTheDocument();
  expect(sent('/v4/account')).toHaveLength(1);
  expect(document.body).not.toHaveAttribute('data-closed');
  await waitFor(() => expect(screen.getByRole('button', { name: 'Save Noor' })).toHaveFocus());
});

it('asks once for several requests', async () => {
  const { user } = setup({ confirmation: [done] });
  const buttons = await Promise.all(['Save Noor', 'Save Amelia'].map((name) => screen.findByRole('button', { name })));
  act(() => {
    for (const button of buttons) button.click();
  });
  await dialog();
  await waitFor(() => expect(sent('/v4/account')).toHaveLength(2));
  await user.type(screen.getByLabelText('Password'), 'correct horse{Enter}');
  expect(await screen.findByText('Now Noor')).toBeVisible();
  expect(await screen.findByText('Now Amelia')).toBeVisible();
  expect(sent('/v4/session/confirmations')).toHaveLength(1);
});

it('closes when the session ends', async () => {
  const { user } = setup({ confirmation: [] });
  await user.click(await screen.findByRole('button', { name: 'Save Noor' }));
  await dialog();
  act(() => sessionLeft());
  expect(await screen.findByText(/You did not confirm/)).toBeVisible();
});

it('rejects at once if no dialog is mounted', async () => {
  server.answers(() => refusal);
  renderUi(<Rename name="Noor" />, { client: testClient() });
  await userEvent.click(screen.getByRole('button', { name: 'Save Noor' }));
  expect(await screen.findByRole('alert')).toBeVisible();
});
