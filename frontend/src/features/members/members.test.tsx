import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { Admin, Role } from '@/api/client';
import { keys } from '@/api/keys';
import { meOf } from '@/shared/testing/me';
import { renderUi, testClient } from '@/shared/testing/render';
import { MembersPage } from './members-page';
import { MemberServer, memberOf } from './testing';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

const own = memberOf('u1', { email: 'amelia.hart@example.com', name: 'Amelia Hart', role: 'owner' });
const ben = memberOf('ben');
const cleo = memberOf('cleo', { role: 'viewer', secondFactor: true });
const ops = memberOf('ops', { role: 'owner', everywhere: true });

function setup(members: Admin[] = [own, ben, cleo, ops], role: Role = 'owner') {
  const keeper = new MemberServer(members);
  keeper.me = meOf(role);
  const client = testClient();
  client.setQueryData(keys.me, meOf(role));
  server.answers(keeper.answer);
  const { router } = renderUi(<MembersPage />, { client, at: '/t/meridian/members', page: true });
  return { keeper, client, router, user: userEvent.setup() };
}

const rowOf = async (email: string) => within(await screen.findByRole('row', { name: new RegExp(email) }));
const asked = (method: string) => server.asked.filter((one) => one.method === method);
const roleOf = (email: string) => screen.findByRole('combobox', { name: `Role of ${email}` });

async function choose(user: ReturnType<typeof userEvent.setup>, email: string, role: string): Promise<void> {
  await user.click(await roleOf(email));
  await user.click(await screen.findByRole('option', { name: role }));
}

describe('the list', () => {
  it('shows role and second factor, and marks the current admin', async () => {
    setup();
    const first = await rowOf(own.email);
    expect(first.getByText('Amelia Hart')).toBeVisible();
    expect(first.getByText('You')).toBeVisible();
    expect(first.getByRole('button', { name: `Leave: ${own.email}` })).toBeVisible();
    expect(await roleOf(ben.email)).toHaveValue('Exporter');
    expect((await rowOf(ben.email)).queryByText('You')).not.toBeInTheDocument();
    expect((await rowOf(ben.email)).getByRole('cell', { name: /No$/ })).toBeVisible();
    expect((await rowOf(cleo.email)).getByRole('cell', { name: /Yes$/ })).toBeVisible();
    expect(asked('GET')[0]?.headers.get('Egress-Tenant')).toBe('meridian');
    expect(asked('GET')).toHaveLength(1);
  });

  it('offers no change of a role in every tenant', async () => {
    setup();
    const row = await rowOf(ops.email);
    expect(row.getByText('Every tenant')).toBeVisible();
    expect(row.queryByRole('combobox')).not.toBeInTheDocument();
    expect(row.getByRole('button')).toHaveAccessibleName(`Sessions: ${ops.email}`);
  });

  it('is for owners only, and sends no request for others', async () => {
    setup([], 'exporter');
    expect(await screen.findByRole('heading', { name: 'Owners manage the members' })).toBeVisible();
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
    expect(server.asked).toEqual([]);
  });
});

describe('a role', () => {
  it('is changed at once, and shows the choice meanwhile', async () => {
    const { user, keeper } = setup();
    let go = () => {};
    keeper.until = new Promise((resolve) => {
      go = resolve;
    });
    await choose(user, ben.email, 'Viewer');
    await waitFor(async () => expect(await roleOf(ben.email)).toHaveAttribute('aria-disabled', 'true'));
    expect(await roleOf(ben.email)).toHaveValue('Viewer');
    go();
    await waitFor(async () => expect(await roleOf(ben.email)).not.toHaveAttribute('aria-disabled'));
    expect(await roleOf(ben.email)).toHaveFocus();
    expect(await roleOf(ben.email)).toHaveValue('Viewer');
    expect(asked('PATCH')).toMatchObject([{ path: '/v4/admins/ben', body: { role: 'viewer' } }]);
    expect(asked('GET').map(({ path }) => path)).not.toContain('/v4/me');
  });

  it('is reverted if the server refuses, with the server’s message', async () => {
    const { user, keeper } = setup();
    keeper.refuses = { method: 'PATCH', status: 409, detail: 'A tenant needs an owner.' };
    await choose(user, ben.email, 'Viewer');
    expect(await (await rowOf(ben.email)).findByRole('alert')).toHaveTextContent('A tenant needs an owner.');
    expect(await roleOf(ben.email)).toHaveValue('Exporter');
  });

  it('of the owner themselves needs a confirmation, and then closes the page', async () => {
    const { user, keeper } = setup();
    await choose(user, own.email, 'Viewer');
    const question = within(screen.getByRole('group', { name: 'Become viewer?' }));
    await user.click(question.getByRole('button', { name: 'Stay owner' }));
    expect(await roleOf(own.email)).toHaveFocus();
    expect(asked('PATCH')).toEqual([]);
    await choose(user, own.email, 'Viewer');
    keeper.me = meOf('viewer');
    await user.click(screen.getByRole('button', { name: 'Change my role' }));
    expect(await screen.findByRole('heading', { name: 'Owners manage the members' })).toBeVisible();
    expect(asked('PATCH')).toMatchObject([{ path: '/v4/admins/u1', body: { role: 'viewer' } }]);
  });
});

describe('removing', () => {
  it('asks in place, and keeps the member by Escape', async () => {
    const { user } = setup();
    await user.click(await screen.findByRole('button', { name: `Remove: ${ben.email}` }));
    const question = within(screen.getByRole('group', { name: 'Remove this member?' }));
    expect(
      question.getByText(/Their role, API keys and sessions in this tenant are removed permanently/),
    ).toBeVisible();
    await user.keyboard('{Escape}');
    expect(await screen.findByRole('button', { name: `Remove: ${ben.email}` })).toHaveFocus();
    expect(asked('DELETE')).toEqual([]);
  });

  it('removes the member from the list, and focuses the list', async () => {
    const { user } = setup();
    await user.click(await screen.findByRole('button', { name: `Remove: ${ben.email}` }));
    await user.click(screen.getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(screen.queryByRole('row', { name: /ben@/ })).not.toBeInTheDocument());
    expect(asked('DELETE')).toMatchObject([{ path: '/v4/admins/ben' }]);
    expect(screen.getByRole('region', { name: 'Members' })).toHaveFocus();
    expect(screen.getByText('3 members')).toHaveRole('status');
  });

  it('keeps the member if the server refuses, with the server’s message', async () => {
    const { user, keeper } = setup();
    keeper.refuses = { method: 'DELETE', status: 503 };
    await user.click(await screen.findByRole('button', { name: `Remove: ${ben.email}` }));
    await user.click(screen.getByRole('button', { name: 'Remove' }));
    expect(await (await rowOf(ben.email)).findByRole('alert')).toHaveTextContent('Not now.');
  });

  it('of the owner themselves leaves the tenant', async () => {
    const { user, router, keeper } = setup();
    await user.click(await screen.findByRole('button', { name: `Leave: ${own.email}` }));
    expect(screen.getByRole('group', { name: 'Leave this tenant?' })).toBeVisible();
    keeper.me = { ...meOf('owner'), tenant: null, role: null, tenants: [] };
    await user.click(screen.getByRole('button', { name: 'Leave' }));
    await waitFor(() => expect(router.history.location.href).toBe('/'));
    expect(asked('DELETE')).toMatchObject([{ path: '/v4/admins/u1' }]);
  });
});
