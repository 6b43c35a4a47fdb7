import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { Admin, Role } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { meOf } from '@/shared/testing/me';
import { renderUi, testClient } from '@/shared/testing/render';
import { AdminsPage } from './admins-page';
import { AdminServer, adminOf } from './testing';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

const own = adminOf('u1', { email: 'amelia.hart@example.com', name: 'Amelia Hart', role: 'owner' });
const ben = adminOf('ben');
const cleo = adminOf('cleo', { role: 'viewer', invited: true });
const ops = adminOf('ops', { role: 'owner', everywhere: true });

function setup(admins: Admin[] = [own, ben, cleo, ops], role: Role = 'owner') {
  const keeper = new AdminServer(admins);
  keeper.me = meOf(role);
  const client = testClient();
  client.setQueryData(keys.me, meOf(role));
  server.answers(keeper.answer);
  const { router } = renderUi(<AdminsPage />, { client, at: '/t/meridian/admins', page: true });
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
  it('says who may do what, and who has not come yet', async () => {
    setup();
    const first = await rowOf(own.email);
    expect(first.getByText('Amelia Hart')).toBeVisible();
    expect(first.getByText('you')).toBeVisible();
    expect(first.getByRole('button', { name: `Leave: ${own.email}` })).toBeVisible();
    expect(await roleOf(ben.email)).toHaveValue('Exporter');
    expect((await rowOf(ben.email)).queryByText(/invited/)).not.toBeInTheDocument();
    expect((await rowOf(ben.email)).queryByRole('button', { name: /New link/ })).not.toBeInTheDocument();
    expect((await rowOf(cleo.email)).getByText('invited, no password yet')).toBeVisible();
    expect((await rowOf(cleo.email)).getByText('2 Nov 2026')).toBeVisible();
    expect(asked('GET')[0]?.headers.get('Egress-Tenant')).toBe('meridian');
  });

  it('only shows who has a role in every tenant', async () => {
    setup();
    const row = await rowOf(ops.email);
    expect(row.getByText('in every tenant, by the operator')).toBeVisible();
    expect(row.queryByRole('combobox')).not.toBeInTheDocument();
    expect(row.queryByRole('button')).not.toBeInTheDocument();
  });

  it('is for owners, and asks nothing for anyone else', async () => {
    setup([], 'exporter');
    expect(await screen.findByRole('heading', { name: 'Owners look after the admins' })).toBeVisible();
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
    expect(server.asked).toEqual([]);
  });
});

describe('a role', () => {
  it('is changed at once, and stands as chosen meanwhile', async () => {
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

  it('goes back where the server refuses, with the server’s word', async () => {
    const { user, keeper } = setup();
    keeper.refuses = { method: 'PATCH', status: 409, detail: 'A tenant needs an owner.' };
    await choose(user, ben.email, 'Viewer');
    expect(await (await rowOf(ben.email)).findByRole('alert')).toHaveTextContent('A tenant needs an owner.');
    expect(await roleOf(ben.email)).toHaveValue('Exporter');
  });

  it('of one’s own is asked about first, and then the page is not one’s own any more', async () => {
    const { user, keeper } = setup();
    await choose(user, own.email, 'Viewer');
    const question = within(screen.getByRole('group', { name: 'Become viewer?' }));
    await user.click(question.getByRole('button', { name: 'Stay owner' }));
    expect(await roleOf(own.email)).toHaveFocus();
    expect(asked('PATCH')).toEqual([]);
    await choose(user, own.email, 'Viewer');
    keeper.me = meOf('viewer');
    await user.click(screen.getByRole('button', { name: 'Give up being owner' }));
    expect(await screen.findByRole('heading', { name: 'Owners look after the admins' })).toBeVisible();
    expect(asked('PATCH')).toMatchObject([{ path: '/v4/admins/u1', body: { role: 'viewer' } }]);
  });
});

describe('removing', () => {
  it('asks in place, and keeps the admin by Escape', async () => {
    const { user } = setup();
    await user.click(await screen.findByRole('button', { name: `Remove: ${ben.email}` }));
    const question = within(screen.getByRole('group', { name: 'Remove this admin?' }));
    expect(question.getByText(/They lose access at once/)).toBeVisible();
    await user.keyboard('{Escape}');
    expect(await screen.findByRole('button', { name: `Remove: ${ben.email}` })).toHaveFocus();
    expect(asked('DELETE')).toEqual([]);
  });

  it('takes the admin out of the list, which has the focus then', async () => {
    const { user } = setup();
    await user.click(await screen.findByRole('button', { name: `Remove: ${ben.email}` }));
    await user.click(screen.getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(screen.queryByRole('row', { name: /ben@/ })).not.toBeInTheDocument());
    expect(asked('DELETE')).toMatchObject([{ path: '/v4/admins/ben' }]);
    expect(screen.getByRole('region', { name: 'Admins' })).toHaveFocus();
    expect(screen.getByRole('status')).toHaveTextContent('3 admins');
  });

  it('leaves them where the server refuses, with the server’s word', async () => {
    const { user, keeper } = setup();
    keeper.refuses = { method: 'DELETE', status: 503 };
    await user.click(await screen.findByRole('button', { name: `Remove: ${ben.email}` }));
    await user.click(screen.getByRole('button', { name: 'Remove' }));
    expect(await (await rowOf(ben.email)).findByRole('alert')).toHaveTextContent('Not now.');
  });

  it('of oneself leads out of the tenant', async () => {
    const { user, router, keeper } = setup();
    await user.click(await screen.findByRole('button', { name: `Leave: ${own.email}` }));
    expect(screen.getByRole('group', { name: 'Leave this tenant?' })).toBeVisible();
    keeper.me = { ...meOf('owner'), tenant: null, role: null, tenants: [] };
    await user.click(screen.getByRole('button', { name: 'Leave' }));
    await waitFor(() => expect(router.history.location.href).toBe('/'));
    expect(asked('DELETE')).toMatchObject([{ path: '/v4/admins/u1' }]);
  });
});
