import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { keys } from '@/api/keys';
import { meOf } from '@/shared/testing/me';
import { renderUi, testClient } from '@/shared/testing/render';
import { MembersPage } from './members-page';
import { MemberServer, memberOf, sessionOf } from './testing';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

const ben = memberOf('ben', { name: 'Ben Okri' });
const laptop = sessionOf('s1');
const phone = sessionOf('s2', {
  address: '2001:db8::7',
  userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 Version/26.1 Safari/604.1',
  secondFactor: true,
  current: true,
});

async function open(refuses: MemberServer['refuses'] = null) {
  const keeper = new MemberServer([memberOf('u1', { role: 'owner' }), ben]);
  keeper.sessions = [laptop, phone];
  const client = testClient();
  client.setQueryData(keys.me, meOf('owner'));
  server.answers(keeper.answer);
  renderUi(<MembersPage />, { client, at: '/t/meridian/members', page: true });
  const user = userEvent.setup();
  const button = await screen.findByRole('button', { name: `Sessions: ${ben.email}` });
  keeper.refuses = refuses;
  await user.click(button);
  const drawer = await screen.findByRole('dialog', { name: 'Sessions of Ben Okri' });
  return { keeper, user, button, drawer, inside: within(drawer) };
}

const deleted = () => server.asked.filter(({ method }) => method === 'DELETE').map(({ path }) => path);

it('lists browser, system, address and last use of each', async () => {
  const { inside, user, drawer, button } = await open();
  const [first, second] = await inside.findAllByRole('listitem');
  expect(first).toHaveTextContent('Chrome on Windows');
  expect(first).toHaveTextContent('203.0.113.7 · last used yesterday');
  expect(first).toHaveTextContent('without a second factor');
  expect(first).not.toHaveTextContent('This session');
  expect(second).toHaveTextContent('Safari on iPhone');
  expect(second).toHaveTextContent('This session');
  expect(inside.getByRole('status')).toHaveTextContent('2 sessions');
  const [get] = server.asked.filter(({ path }) => path === '/v4/admins/ben/sessions');
  expect(get?.headers.get('Egress-Tenant')).toBe('meridian');
  await user.keyboard('{Escape}');
  await waitFor(() => expect(drawer).not.toBeInTheDocument());
  await waitFor(() => expect(button).toHaveFocus());
});

it('ends one, and focuses the remaining list', async () => {
  const { inside, user } = await open();
  await user.click(await inside.findByRole('button', { name: 'End: Chrome on Windows, 203.0.113.7' }));
  await waitFor(() => expect(inside.getAllByRole('listitem')).toHaveLength(1));
  expect(deleted()).toEqual(['/v4/admins/ben/sessions/s1']);
  expect(inside.getByRole('status')).toHaveTextContent('1 session');
  expect(inside.getByRole('region', { name: 'Sessions' })).toHaveFocus();
});

it('ends all of them', async () => {
  const { inside, user } = await open();
  await user.click(await inside.findByRole('button', { name: 'End all' }));
  expect(await inside.findByText('No sessions: not logged in anywhere.')).toBeVisible();
  expect(deleted()).toEqual(['/v4/admins/ben/sessions']);
  expect(inside.queryByRole('button', { name: 'End all' })).not.toBeInTheDocument();
});

it('keeps one that the server does not end, with the server’s message', async () => {
  const { inside, user } = await open({ method: 'DELETE', status: 503 });
  await user.click(await inside.findByRole('button', { name: /^End: Chrome/ }));
  expect(await inside.findByRole('alert')).toHaveTextContent('Not now.');
  expect(inside.getAllByRole('listitem')).toHaveLength(2);
});

it('shows why they could not be loaded, and retries', async () => {
  const { keeper, inside, user } = await open({ method: 'GET', status: 503 });
  expect(await inside.findByText(/Not now\./)).toBeVisible();
  keeper.refuses = null;
  await user.click(inside.getByRole('button', { name: 'Retry' }));
  expect(await inside.findAllByRole('listitem')).toHaveLength(2);
});
