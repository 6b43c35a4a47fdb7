import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import type { PendingInvitation } from '@/api/client';
import { keys } from '@/api/keys';
import { meOf } from '@/shared/testing/me';
import { renderUi, testClient } from '@/shared/testing/render';
import { MembersPage } from './members-page';
import { invitationOf, MemberServer, memberOf } from './testing';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

const cleo = invitationOf('cleo');
const dora = invitationOf('dora', { role: 'owner', expired: true });

function setup(invitations: PendingInvitation[] = [cleo, dora]) {
  const keeper = new MemberServer([memberOf('u1', { role: 'owner' })], invitations);
  const client = testClient();
  client.setQueryData(keys.me, meOf('owner'));
  server.answers(keeper.answer);
  renderUi(<MembersPage />, { client, at: '/t/meridian/members', page: true });
  return { keeper, user: userEvent.setup() };
}

const rowOf = async (email: string) => within(await screen.findByRole('row', { name: new RegExp(email) }));
const region = () => screen.getByRole('region', { name: 'Pending invitations' });
const deleted = () => server.asked.filter(({ method }) => method === 'DELETE');

async function withdraw(user: ReturnType<typeof userEvent.setup>, email: string): Promise<void> {
  await user.click((await rowOf(email)).getByRole('button', { name: `Withdraw: ${email}` }));
  await user.click(within(screen.getByRole('group')).getByRole('button', { name: 'Withdraw' }));
}

it('shows address, role, time and expiry of each', async () => {
  setup();
  const first = await rowOf(cleo.email);
  expect(first.getByRole('cell', { name: 'Viewer' })).toBeVisible();
  expect(first.getByRole('cell', { name: /2 days ago.*expires in 5 days/ })).toBeVisible();
  expect(first.queryByText('Expired')).not.toBeInTheDocument();
  const second = await rowOf(dora.email);
  expect(second.getByRole('cell', { name: /2 days ago.*Expired/ })).toBeVisible();
  expect(second.queryByText(/expires/)).not.toBeInTheDocument();
  expect(within(region()).getByRole('status')).toHaveTextContent('2 pending invitations');
});

it('asks before withdrawing one, and keeps it by Escape', async () => {
  const { user } = setup();
  await user.click((await rowOf(cleo.email)).getByRole('button', { name: `Withdraw: ${cleo.email}` }));
  expect(screen.getByRole('group', { name: 'Withdraw this invitation?' })).toHaveTextContent(
    'Its link stops working at once.',
  );
  await user.keyboard('{Escape}');
  expect(screen.getByRole('button', { name: `Withdraw: ${cleo.email}` })).toHaveFocus();
  expect(deleted()).toEqual([]);
});

it('withdraws one, and focuses the list', async () => {
  const { user } = setup();
  await withdraw(user, cleo.email);
  await waitFor(() => expect(screen.queryByRole('row', { name: /cleo@/ })).not.toBeInTheDocument());
  expect(deleted()).toMatchObject([{ path: '/v4/admins/invitations/cleo' }]);
  expect(region()).toHaveFocus();
});

it('keeps one that the server does not withdraw, with the server’s message', async () => {
  const { keeper, user } = setup();
  keeper.refuses = { method: 'DELETE', status: 503 };
  await withdraw(user, cleo.email);
  expect(await (await rowOf(cleo.email)).findByRole('alert')).toHaveTextContent('Not now.');
});

it('explains an empty list', async () => {
  setup([]);
  expect(await screen.findByText(/^None\. Invite a member/)).toBeVisible();
});
