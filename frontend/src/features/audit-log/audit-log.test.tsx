import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AuditRecord, Role } from '@/api/client';
import { keys } from '@/api/keys';
import { meOf } from '@/shared/testing/me';
import { renderUi, testClient } from '@/shared/testing/render';
import type { Exchange } from '@/shared/testing/server';
import { actionLabels, groups } from './actions';
import { AuditLogPage } from './audit-log-page';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

afterEach(() => vi.restoreAllMocks());

function recordOf(id: string, over: Partial<AuditRecord>): AuditRecord {
  return {
    id,
    time: '2026-11-26T08:31:28.000Z',
    kind: 'users_listed',
    user_id: 'u1',
    email: 'amelia.hart@example.com',
    access_key: null,
    address: '192.0.2.1',
    request_id: 'R1',
    subject: null,
    words: null,
    ...over,
  };
}

const all = [
  recordOf('4', { kind: 'export_started', subject: 'J1', words: 'Country is GB' }),
  recordOf('3', { kind: 'user_viewed', subject: 'u 9', access_key: 'AK1' }),
  recordOf('2', { kind: 'sign_in_failed', email: null, user_id: null }),
  recordOf('r', {
    kind: 'signature_refused',
    email: null,
    user_id: 'u1',
    subject: 'AK1',
    words: '3 signed requests were refused since 08:31:28 (key pair): the nonce was used before',
  }),
  recordOf('c', {
    kind: 'command_run',
    email: null,
    user_id: null,
    address: null,
    words: 'egress seed --users 5 (the command line of root)',
  }),
  recordOf('1', { kind: 'feature_switched', words: 'feature.asyncUserExport.enabled off' }),
];

function setup(
  at = '/t/meridian/audit-log',
  answer?: (asked: Exchange) => { status?: number; body: unknown } | Response,
  role: Role = 'owner',
) {
  const client = testClient();
  client.setQueryData(keys.me, meOf(role));
  server.answers(
    answer ??
      (({ query }) => ({
        body: query.includes('cursor=')
          ? { results: all.slice(5), next: null }
          : { results: all.slice(0, 5), next: '2' },
      })),
  );
  const { router } = renderUi(<AuditLogPage />, { client, at, page: true });
  return { router, user: userEvent.setup() };
}

const last = () => new URLSearchParams(server.asked.at(-1)?.query);
const row = async (name: RegExp) => within(await screen.findByRole('row', { name }));

describe('the audit log', () => {
  it('has a text and a group for every kind', () => {
    const grouped = new Set(Object.values(groups).flatMap(({ kinds }) => kinds));
    for (const kind of Object.keys(actionLabels)) expect([...grouped], kind).toContain(kind);
  });

  it('shows who did what, with links', async () => {
    setup();
    const started = await row(/Started an export/);
    expect(started.getByRole('link', { name: 'Country is GB' })).toHaveAttribute('href', '/t/meridian/exports/J1');
    expect(started.getByText(/\d\d:31:28$/)).toBeVisible();
    expect(started.getByText('amelia.hart@example.com')).toBeVisible();
    expect(started.getByText('192.0.2.1')).toBeVisible();
    const viewed = await row(/Viewed a user/);
    expect(viewed.getByRole('link', { name: 'User u 9' })).toHaveAttribute('href', '/t/meridian/users?user=u+9');
    expect(viewed.getByText('AK1')).toBeVisible();
    expect((await row(/Failed to log in/)).getByText('unknown account')).toBeVisible();
    const refused = await row(/Signed requests were refused/);
    expect(refused.getByText('a program')).toBeVisible();
    expect(refused.getByText(/^3 signed requests were refused since/)).toBeVisible();
    const command = await row(/Ran a command on the server/);
    expect(command.getByText('the operator')).toBeVisible();
    expect(command.getByText(/^egress seed --users 5/)).toBeVisible();
    expect(server.asked[0]?.headers.get('Egress-Tenant')).toBe('meridian');
    expect(last().get('limit')).toBe('50');
  });

  it('tells others who sees it, without a request and without a file to save', async () => {
    setup(undefined, undefined, 'exporter');
    expect(await screen.findByRole('heading', { name: 'Owners see the activity' })).toBeVisible();
    expect(screen.getByText(/^Ask an owner of Meridian Press/)).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Save as CSV' })).not.toBeInTheDocument();
    expect(server.asked).toEqual([]);
  });

  it('loads further pages until the last one', async () => {
    const { user } = setup();
    await user.click(await screen.findByRole('button', { name: 'Show more' }));
    expect(await screen.findByText('feature.asyncUserExport.enabled off')).toBeVisible();
    expect(last().get('cursor')).toBe('2');
    expect(screen.queryByRole('button', { name: 'Show more' })).not.toBeInTheDocument();
    expect(screen.getByText('The newest 6 records')).toBeVisible();
  });

  it('is filtered by the address, and cleared', async () => {
    const { user, router } = setup('/t/meridian/audit-log?what=access&search=amelia&from=2026-11-01&to=2026-11-26');
    await row(/Started an export/);
    expect(last().getAll('kind')).toEqual([
      'signed_in',
      'sign_in_failed',
      'sign_in_throttled',
      'signed_out',
      'sessions_ended',
      'second_factor_asked',
      'second_factor_failed',
      'recovery_code_used',
      'session_confirmed',
    ]);
    expect([last().get('search'), last().get('from'), last().get('to')]).toEqual([
      'amelia',
      '2026-11-01',
      '2026-11-26',
    ]);
    expect(screen.getByRole('searchbox')).toHaveValue('amelia');
    await user.click(screen.getByRole('button', { name: 'Clear' }));
    await waitFor(() => expect(last().get('search')).toBeNull());
    expect(router.state.location.searchStr).toBe('');
    expect(screen.getByRole('searchbox')).toHaveValue('');
  });

  it('folds records that look the same', async () => {
    const times = ['2026-11-26T08:31:28.000Z', '2026-11-26T08:31:20.000Z', '2026-11-26T08:31:12.000Z'];
    const same = times.map((time, i) => recordOf(`${i}`, { time, kind: 'export_previewed', words: 'Everyone' }));
    setup(undefined, () => ({ body: { results: same, next: null } }));
    expect((await row(/Previewed an export/)).getByText(/^3 times since/)).toHaveTextContent(/:31:12$/);
    expect(screen.getAllByText('Everyone')).toHaveLength(1);
  });

  it('filters by days that are typed, and reports what is no day', async () => {
    const { user, router } = setup();
    await row(/Started an export/);
    await user.type(screen.getByRole('textbox', { name: 'From' }), '1 Nov');
    expect(screen.getByRole('alert')).toHaveTextContent('Enter a date such as 31 Aug 2026.');
    expect(router.state.location.searchStr).toBe('');
    await user.type(screen.getByRole('textbox', { name: 'From' }), ' 2026');
    await waitFor(() => expect(last().get('from')).toBe('2026-11-01'));
    expect(router.state.location.searchStr).toBe('?from=2026-11-01');
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  it('filters by the typed text', async () => {
    const { user } = setup();
    await row(/Started an export/);
    await user.type(screen.getByRole('searchbox'), ' gb ');
    await waitFor(() => expect(last().get('search')).toBe('gb'));
  });

  it('explains an empty list', async () => {
    setup('/t/meridian/audit-log?search=nobody', () => ({ body: { results: [], next: null } }));
    expect(await screen.findByRole('heading', { name: 'No matching records' })).toBeVisible();
  });

  it('shows a loading error', async () => {
    setup(undefined, () => ({ status: 503, body: { code: 'unavailable', detail: 'Not now.' } }));
    expect(await screen.findByRole('heading', { name: 'The activity could not be loaded' })).toBeVisible();
  });

  it('is saved with the current filter, and shows an error of that', async () => {
    const saved: string[] = [];
    URL.createObjectURL = () => 'blob:log';
    URL.revokeObjectURL = () => {};
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      saved.push(this.download);
    });
    let down = false;
    const { user } = setup('/t/meridian/audit-log?search=gb', ({ path }) => {
      if (path !== '/v4/audit-log.csv') return { body: { results: all, next: null } };
      return down ? { status: 503, body: { code: 'unavailable', detail: 'Not now.' } } : new Response('time,kind\r\n');
    });
    await row(/Started an export/);
    await user.click(screen.getByRole('button', { name: 'Save as CSV' }));
    await waitFor(() => expect(saved).toEqual(['audit_meridian.csv']));
    expect(last().get('search')).toBe('gb');
    expect(server.asked.at(-1)?.headers.get('Egress-Tenant')).toBe('meridian');
    expect(server.asked.at(-1)?.headers.get('X-Requested-With')).toBe('egress'); // the server requires this header for a GET that starts a download
    down = true;
    await user.click(screen.getByRole('button', { name: 'Save as CSV' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('Not now.');
    expect(saved).toHaveLength(1);
  });
});
