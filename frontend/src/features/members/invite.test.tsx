import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { keys } from '@/api/keys';
import { meOf } from '@/shared/testing/me';
import { renderUi, testClient } from '@/shared/testing/render';
import { MembersPage } from './members-page';
import { invitationOf, link, MemberServer, memberOf } from './testing';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

const cleo = invitationOf('cleo');

async function open(button: string, { mails = false } = {}) {
  const keeper = new MemberServer([memberOf('u1', { role: 'owner' })], [cleo]);
  keeper.mails = mails;
  const client = testClient();
  client.setQueryData(keys.me, { ...meOf('owner'), outbox: !mails });
  server.answers(keeper.answer);
  renderUi(<MembersPage />, { client, at: '/t/meridian/members', page: true });
  const user = userEvent.setup();
  await user.click(await screen.findByRole('button', { name: button }));
  const dialog = await screen.findByRole('dialog');
  return { keeper, client, user, dialog, inside: within(dialog) };
}

const posted = () => server.asked.filter(({ method }) => method === 'POST');

it('shows the link once, and drops it', async () => {
  const { client, user, dialog, inside } = await open('Invite a member');
  expect(dialog).toHaveAccessibleName('Invite a member');
  const field = inside.getByLabelText('Email address');
  await waitFor(() => expect(field).toHaveFocus());
  expect(inside.getByText('Can view users, export them and download the files.')).toBeVisible();
  await user.click(inside.getByRole('combobox', { name: 'Role' }));
  await user.click(await screen.findByRole('option', { name: 'Viewer' }));
  expect(inside.getByText(/Cannot start exports/)).toBeVisible();
  await user.type(field, ' noor@example.com {Enter}');
  expect(await inside.findByText(link)).toBeVisible();
  expect(posted()).toMatchObject([{ path: '/v4/admins', body: { email: 'noor@example.com', role: 'viewer' } }]);
  const words = inside.getByText('Give this link to noor@example.com and to nobody else.').parentElement;
  expect(words).toHaveFocus();
  expect(words).toHaveTextContent('It is valid once, for seven days');
  await user.click(inside.getByRole('button', { name: 'Copy the link' }));
  expect(await navigator.clipboard.readText()).toBe(link);
  await user.keyboard('{Escape}');
  expect(inside.getByRole('alert')).toHaveTextContent('The link is not shown again.');
  await user.click(inside.getByRole('button', { name: 'Done' }));
  await waitFor(() => expect(dialog).not.toBeInTheDocument());
  expect(await screen.findByRole('row', { name: /noor@example\.com/ })).toBeVisible();
  await waitFor(() => expect(screen.getByRole('button', { name: 'Invite a member' })).toHaveFocus());
  const kept = [...client.getQueryCache().getAll(), ...client.getMutationCache().getAll()].map(({ state }) => state);
  expect(JSON.stringify(kept)).not.toContain(link);
});

it('says that an email was sent, and then closes by Escape', async () => {
  const { user, dialog, inside } = await open('Invite a member', { mails: true });
  await user.type(inside.getByLabelText('Email address'), 'amelia@example.com{Enter}');
  expect(await inside.findByText('An invitation was sent to amelia@example.com.')).toBeVisible();
  expect(inside.queryByRole('button', { name: /Copy/ })).not.toBeInTheDocument();
  await user.keyboard('{Escape}');
  await waitFor(() => expect(dialog).not.toBeInTheDocument());
});

it('shows at the field what is wrong with the address', async () => {
  const { keeper, user, inside } = await open('Invite a member');
  await user.click(inside.getByRole('button', { name: 'Invite' }));
  expect(inside.getByRole('alert')).toHaveTextContent('Enter the email address');
  expect(posted()).toEqual([]);
  const detail = 'This address is already invited.';
  keeper.refuses = { method: 'POST', status: 409, field: 'email', detail };
  await user.type(inside.getByLabelText('Email address'), 'cleo@example.com{Enter}');
  expect(await inside.findByRole('alert')).toHaveTextContent(detail);
  expect(inside.getByLabelText('Email address')).toBeInvalid();
  expect(inside.getByLabelText('Email address')).toHaveValue('cleo@example.com');
  await user.type(inside.getByLabelText('Email address'), 'x');
  expect(inside.queryByRole('alert')).not.toBeInTheDocument();
});

it('shows other errors next to the buttons', async () => {
  const { keeper, user, inside } = await open('Invite a member');
  keeper.refuses = { method: 'POST', status: 503 };
  await user.type(inside.getByLabelText('Email address'), 'noor@example.com{Enter}');
  expect(await inside.findByRole('alert')).toHaveTextContent('Not now.');
  expect(inside.getByLabelText('Email address')).toBeValid();
});

it('creates a new link for a pending invitation', async () => {
  const { user, dialog, inside } = await open(`New link: ${cleo.email}`);
  expect(dialog).toHaveAccessibleName('New link');
  expect(inside.getByText(/The old link stops working\./)).toBeVisible();
  expect(posted()).toEqual([]);
  await user.click(inside.getByRole('button', { name: 'Create link' }));
  expect(await inside.findByText(link)).toBeVisible();
  expect(posted()).toMatchObject([{ path: '/v4/admins/invitations/cleo/links' }]);
  await user.click(inside.getByRole('button', { name: 'Done' }));
  await waitFor(() => expect(screen.getByRole('button', { name: `New link: ${cleo.email}` })).toHaveFocus());
});

it('sends a pending invitation again with a mail server', async () => {
  const { user, inside } = await open(`Send again: ${cleo.email}`, { mails: true });
  await user.click(inside.getByRole('button', { name: 'Send again' }));
  expect(await inside.findByText(`An invitation was sent to ${cleo.email}.`)).toBeVisible();
});
