import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { keys } from '@/shared/api/keys';
import { meOf } from '@/shared/testing/me';
import { renderUi, testClient } from '@/shared/testing/render';
import { AdminsPage } from './admins-page';
import { AdminServer, adminOf, link } from './testing';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

const cleo = adminOf('cleo', { role: 'viewer', invited: true });

async function open(button: string) {
  const keeper = new AdminServer([adminOf('u1', { role: 'owner' }), cleo]);
  const client = testClient();
  client.setQueryData(keys.me, meOf('owner'));
  server.answers(keeper.answer);
  renderUi(<AdminsPage />, { client, at: '/t/meridian/admins', page: true });
  const user = userEvent.setup();
  await user.click(await screen.findByRole('button', { name: button }));
  const dialog = await screen.findByRole('dialog');
  return { keeper, client, user, dialog, inside: within(dialog) };
}

const posted = () => server.asked.filter(({ method }) => method === 'POST');

it('shows the link of who is new once, and forgets it', async () => {
  const { client, user, dialog, inside } = await open('Invite an admin');
  expect(dialog).toHaveAccessibleName('Invite an admin');
  const field = inside.getByLabelText('Email address');
  await waitFor(() => expect(field).toHaveFocus());
  expect(inside.getByText('Looks at users, exports them and downloads the files.')).toBeVisible();
  await user.click(inside.getByRole('combobox', { name: 'Role' }));
  await user.click(await screen.findByRole('option', { name: 'Viewer' }));
  expect(inside.getByText(/Starts none and downloads nothing\./)).toBeVisible();
  await user.type(field, ' noor@example.com {Enter}');
  expect(await inside.findByText(link)).toBeVisible();
  expect(posted()).toMatchObject([{ path: '/v4/admins', body: { email: 'noor@example.com', role: 'viewer' } }]);
  expect(inside.getByText('Pass this link on to noor@example.com').parentElement).toHaveFocus();
  await user.click(inside.getByRole('button', { name: 'Copy the link' }));
  expect(await navigator.clipboard.readText()).toBe(link);
  await user.keyboard('{Escape}');
  expect(inside.getByRole('alert')).toHaveTextContent('Closing loses the link.');
  await user.click(inside.getByRole('button', { name: 'Done' }));
  await waitFor(() => expect(dialog).not.toBeInTheDocument());
  expect(await screen.findByRole('row', { name: /noor@example\.com/ })).toBeVisible();
  await waitFor(() => expect(screen.getByRole('button', { name: 'Invite an admin' })).toHaveFocus());
  const kept = [...client.getQueryCache().getAll(), ...client.getMutationCache().getAll()].map(({ state }) => state);
  expect(JSON.stringify(kept)).not.toContain(link);
});

it('needs no link for who has an account, and may then be left by Escape', async () => {
  const { keeper, user, dialog, inside } = await open('Invite an admin');
  keeper.known = ['ben@example.com'];
  await user.type(inside.getByLabelText('Email address'), 'ben@example.com{Enter}');
  expect(await inside.findByText('ben@example.com is in.')).toBeVisible();
  expect(inside.getByText(/Meridian Press is there/)).toBeVisible();
  await user.keyboard('{Escape}');
  await waitFor(() => expect(dialog).not.toBeInTheDocument());
});

it('says at the field what is wrong with the address', async () => {
  const { keeper, user, inside } = await open('Invite an admin');
  await user.click(inside.getByRole('button', { name: 'Invite' }));
  expect(inside.getByRole('alert')).toHaveTextContent('Whom do you invite?');
  expect(posted()).toEqual([]);
  const detail = 'This admin has a role in this tenant already.';
  keeper.refuses = { method: 'POST', status: 409, field: 'email', detail };
  await user.type(inside.getByLabelText('Email address'), 'cleo@example.com{Enter}');
  expect(await inside.findByRole('alert')).toHaveTextContent(detail);
  expect(inside.getByLabelText('Email address')).toBeInvalid();
  expect(inside.getByLabelText('Email address')).toHaveValue('cleo@example.com');
  await user.type(inside.getByLabelText('Email address'), 'x');
  expect(inside.queryByRole('alert')).not.toBeInTheDocument();
});

it('says beside the buttons why nobody was invited', async () => {
  const { keeper, user, inside } = await open('Invite an admin');
  keeper.refuses = { method: 'POST', status: 503 };
  await user.type(inside.getByLabelText('Email address'), 'noor@example.com{Enter}');
  expect(await inside.findByRole('alert')).toHaveTextContent('Not now.');
  expect(inside.getByLabelText('Email address')).toBeValid();
});

it('makes a new link for who has not come yet', async () => {
  const { user, dialog, inside } = await open(`New link: ${cleo.email}`);
  expect(dialog).toHaveAccessibleName('New link');
  expect(inside.getByText(/Links from before are good no more\./)).toBeVisible();
  expect(posted()).toEqual([]);
  await user.click(inside.getByRole('button', { name: 'Make a link' }));
  expect(await inside.findByText(link)).toBeVisible();
  expect(posted()).toMatchObject([{ path: '/v4/admins/cleo/invitations' }]);
  await user.click(inside.getByRole('button', { name: 'Done' }));
  await waitFor(() => expect(screen.getByRole('button', { name: `New link: ${cleo.email}` })).toHaveFocus());
});
