import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Definition, Me, Rule } from '@/api/client';
import { keys } from '@/api/keys';
import { gate } from '@/shared/testing/gate';
import { featuresOf, jobOf } from '@/shared/testing/jobs';
import { renderUi, testClient } from '@/shared/testing/render';
import { day } from '@/shared/ui/format';
import { ExportDialog } from './export-dialog';
import { previewOf } from './testing';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

type Reply = { status?: number; body: unknown };
const gb: Rule = { combinator: 'and', rules: [{ field: 'attributes.country', operator: 'is', value: 'GB' }] };

function setup({
  store = 'uk',
  filter = null,
  search = '',
  preview = { body: previewOf() },
  start = { status: 202, body: jobOf('01A', {}) },
  mode = 'async',
  events = false,
  choices = null,
}: {
  store?: string | null;
  filter?: Rule | null;
  search?: string;
  preview?: Reply;
  start?: Reply;
  mode?: 'async' | 'sync';
  events?: boolean;
  choices?: Definition | null;
} = {}) {
  server.answers(({ path }) => {
    if (path === '/v4/user-export-previews') return preview;
    if (path === '/v4/user-export-jobs') return start;
    if (path === '/v4/preferences') return { body: { export: choices, userColumns: null } };
    if (path === '/v4/figures') return { body: { users: 812_044, registeredLast7Days: 1 } };
    return undefined;
  });
  const client = testClient();
  client.setQueryData(keys.stores('meridian'), [{ id: 'uk', title: 'Meridian UK' }]);
  client.setQueryData(keys.schema('meridian'), {
    fields: [{ slug: 'country', label: 'Country', 'input-type': 'text' }],
    foreignSystems: [],
    appIds: ['newsletter.v2', 'quiz1'],
    products: [],
  });
  client.setQueryData(keys.liveJobs('meridian'), []);
  client.setQueryData(keys.preferences('meridian'), { export: choices, userColumns: null });
  client.setQueryData(keys.features('meridian'), { ...featuresOf(mode), 'feature.stateEventsExport.enabled': events });
  const tenants = [{ id: 'meridian', name: 'Meridian Press', role: 'owner' as const, retentionSeconds: 3 * 86_400 }];
  client.setQueryData(keys.me, {
    user_id: 'u',
    email: 'a@example.com',
    name: 'A',
    tenant: null,
    role: null,
    tenants,
    outbox: true,
  });
  const onClose = vi.fn();
  const initial = { store, filter, search };
  return {
    user: userEvent.setup(),
    onClose,
    ...renderUi(<ExportDialog opened onClose={onClose} tenant="meridian" initial={initial} />, { client }),
  };
}

const card = (name: string) => screen.getByRole('checkbox', { name });
const started = () => server.asked.filter(({ path }) => path === '/v4/user-export-jobs').map(({ body }) => body);

describe('ExportDialog', () => {
  it('says what the file will hold, before it is made', async () => {
    setup({ filter: gb });
    expect(screen.getByRole('dialog', { name: 'Export users' })).toBeInTheDocument();
    expect(screen.queryByRole('textbox', { name: /Search/ })).not.toBeInTheDocument();
    expect(await screen.findByRole('button', { name: 'Export 31,206 users' })).toBeInTheDocument();
    const aside = screen.getByRole('complementary', { name: /Before you start/ });
    expect(aside).toHaveTextContent('about 40,800');
    expect(aside).toHaveTextContent(`Kept until ${day(new Date(Date.now() + 3 * 86_400_000))}`);
    expect(aside).toHaveTextContent('Email addresses, usernames, towns, and subscriptions.');
    expect(screen.getByRole('group', { name: /carried over from the screen/ })).toHaveTextContent('Country is GB');
    expect(card('Attributes')).toHaveAccessibleDescription(/Every field.*14 columns/);
    expect(
      screen.getByText('Runs in the background. The email about its end is kept in the Outbox.'),
    ).toBeInTheDocument();
  });

  it('shows estimates at once, and the exact figures when the users are counted', async () => {
    setup({ filter: gb });
    const counted = gate();
    const estimate = previewOf({ users: 31_000, accuracy: 'estimate', partial: true, rows: [], sampledUsers: 0 });
    server.answers(async ({ query }) => {
      if (query) return { body: estimate };
      await counted.opened;
      return { body: previewOf() };
    });
    expect(await screen.findByRole('button', { name: 'Export about 31,000 users' })).toBeEnabled();
    const aside = screen.getByRole('complementary', { name: /Before you start/ });
    expect(aside).toHaveTextContent('Counting…');
    expect(aside).not.toHaveTextContent('about 31.4 MB');
    expect(screen.queryByRole('region', { name: 'First rows of the file' })).not.toBeInTheDocument();
    counted.open();
    expect(await screen.findByRole('button', { name: 'Export 31,206 users' })).toBeEnabled();
    expect(aside).toHaveTextContent('Counted just now');
    expect(aside).toHaveTextContent('about 31.4 MB');
    expect(screen.getByRole('region', { name: 'First rows of the file' })).toBeVisible();
  });

  it('says how to open a file of commas, and by whom losses are judged, for a spreadsheet only', async () => {
    const note = { code: 'exponents', message: '', field: 'foreign_keys.crm', count: 9 };
    const { user } = setup({ preview: { body: previewOf({ notes: [note] }) } });
    expect(screen.getByText(/list separator is a semicolon.*Data → From Text\/CSV/)).toBeInTheDocument();
    expect(await screen.findByText(/reads text like 219E01/)).toBeInTheDocument();
    expect(screen.getByText('Based on the values of the first 200 users of 31,206.')).toBeInTheDocument();
    await user.click(screen.getByRole('radio', { name: 'RFC 4180' }));
    expect(screen.queryByText(/list separator/)).not.toBeInTheDocument();
    expect(screen.queryByText(/Based on the values/)).not.toBeInTheDocument();
  });

  it('exports what was chosen, and closes', async () => {
    const { user, onClose } = setup({ filter: gb });
    await user.click(card('Foreign Keys'));
    await user.click(screen.getByRole('radio', { name: 'RFC 4180' }));
    await user.click(await screen.findByRole('button', { name: 'Export 31,206 users' }));
    await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
    expect(started()).toEqual([
      {
        include: { attributes: true, foreignKeys: true, grants: true },
        users: { userStoreId: 'uk', filter: gb },
        file: { dialect: 'rfc4180', compression: 'none' },
      },
    ]);
  });

  it('counts and exports the compressed file that was chosen', async () => {
    const { user } = setup();
    server.answers(({ path, body }) => {
      if (path === '/v4/user-export-jobs') return { status: 202, body: jobOf('01A', {}) };
      const packed = JSON.stringify(body).includes('"gzip"');
      return { body: previewOf({ about: { rows: 40_800, bytes: packed ? 6_900_000 : 31_400_000 } }) };
    });
    const aside = screen.getByRole('complementary', { name: /Before you start/ });
    await waitFor(() => expect(aside).toHaveTextContent('about 31.4 MB'));
    const compression = within(screen.getByRole('radiogroup', { name: 'Compression' }));
    expect(compression.getByRole('radio', { name: 'None' })).toBeChecked();
    await user.click(compression.getByRole('radio', { name: 'gzip' }));
    expect(screen.getByText('Spreadsheets do not open gzip.')).toBeInTheDocument();
    await waitFor(() => expect(aside).toHaveTextContent('about 6.9 MB'));
    await user.click(screen.getByRole('button', { name: 'Export 31,206 users' }));
    await waitFor(() => expect(started()).toHaveLength(1));
    expect(started()[0]).toMatchObject({ file: { dialect: 'spreadsheet', compression: 'gzip' } });
  });

  it('carries the search of the screen over, and exports those whom it finds', async () => {
    const { user } = setup({ filter: gb, search: 'hart' });
    const users = screen.getByRole('group', { name: /carried over from the screen/ });
    expect(users).toHaveTextContent('Search “hart” and country is GB');
    await user.click(await screen.findByRole('button', { name: 'Export 31,206 users' }));
    await waitFor(() => expect(started()).toHaveLength(1));
    expect(started()[0]).toMatchObject({ users: { userStoreId: 'uk', filter: gb, search: 'hart' } });
    const previewed = server.asked.filter(({ path }) => path === '/v4/user-export-previews').map(({ body }) => body);
    expect(previewed).toEqual([started()[0]]);
  });

  it('lets the search be changed: what is pressed is what is read', async () => {
    const { user } = setup({ search: 'hart' });
    await screen.findByRole('button', { name: 'Export 31,206 users' });
    await user.type(screen.getByRole('textbox', { name: 'Search email, name or ID' }), 'ley ');
    expect(screen.getByRole('group', { name: /changed here/ })).toHaveTextContent('Search “hartley”');
    await user.click(screen.getByRole('button', { name: /^Export/ })); // before the pause that the count waits for
    await waitFor(() => expect(started()).toHaveLength(1));
    expect(started()[0]).toMatchObject({ users: { search: 'hartley' } });
  });

  it('lets the search be removed, and asks before that is lost', async () => {
    const { user, onClose } = setup({ search: 'hart' });
    await user.click(screen.getByRole('button', { name: 'Remove the search' }));
    expect(screen.getByRole('group', { name: /changed here/ })).toHaveTextContent('Everyone');
    await user.keyboard('{Escape}');
    expect(screen.getByRole('alert')).toHaveTextContent('You changed the users to export.');
    expect(onClose).not.toHaveBeenCalled();
    await user.click(await screen.findByRole('button', { name: 'Export 31,206 users' }));
    await waitFor(() => expect(started()).toHaveLength(1));
    expect(started()[0]).toMatchObject({ users: { userStoreId: 'uk' } });
    expect(started()[0]).not.toMatchObject({ users: { search: expect.anything() } });
  });

  it('asks for a store: the button stays enabled and leads there', async () => {
    const { user } = setup({ store: null });
    await user.click(screen.getByRole('button', { name: 'Export users' }));
    const picker = screen.getByRole('combobox', { name: /User store/ });
    expect(picker).toHaveFocus();
    expect(screen.getByRole('alert')).toHaveTextContent('Choose a user store');
    expect(started()).toEqual([]);
    await user.click(picker);
    await user.click(await screen.findByRole('option', { name: 'All user stores' }));
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    expect(await screen.findByRole('button', { name: 'Export 31,206 users' })).toBeInTheDocument();
  });

  it('asks for at least one group', async () => {
    const { user } = setup();
    await user.click(card('Attributes'));
    await user.click(card('Grants'));
    await user.click(screen.getByRole('button', { name: 'Export users' }));
    expect(screen.getByRole('alert')).toHaveTextContent('Choose at least one');
    expect(card('Attributes')).toHaveFocus();
  });

  it('shows the options of profiles while they are chosen', async () => {
    const { user } = setup();
    const matching = () => screen.queryByRole('checkbox', { name: 'Only users with a matching profile' });
    expect(matching()).not.toBeInTheDocument();
    await user.click(card('Extended Profiles'));
    expect(matching()).toBeEnabled();
    await user.click(card('Attributes'));
    expect(matching()).toBeDisabled();
    expect(matching()).toBeChecked();
  });

  it('offers the header where nobody matches', async () => {
    setup({ preview: { body: previewOf({ users: 0, rows: [] }) } });
    expect(await screen.findByRole('button', { name: 'Export the header only' })).toBeInTheDocument();
    expect(screen.getByText(/No users match/)).toBeInTheDocument();
  });

  it('tells a refusal at the control that it names', async () => {
    const body = { code: 'invalid_request', detail: 'Country takes is and is_not.', field: 'users.filter.rules[0]' };
    setup({ filter: gb, preview: { status: 400, body } });
    const users = screen.getByRole('group', { name: /carried over/ });
    expect(await within(users).findByRole('alert')).toHaveTextContent('Country takes is and is_not.');
  });

  it('leads to the export that is running', async () => {
    const body = { code: 'export_in_progress', detail: 'An export of yours is in progress.', jobId: '01Z' };
    const { user, onClose } = setup({ start: { status: 409, body } });
    await user.click(await screen.findByRole('button', { name: 'Export 31,206 users' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('An export is running');
    expect(screen.getByRole('link', { name: 'View export' })).toHaveAttribute('href', '/t/meridian/exports/01Z');
    expect(onClose).not.toHaveBeenCalled();
  });

  it('says that this tab receives the file, and stays when the admin chooses no place for it', async () => {
    const { user, onClose } = setup({ mode: 'sync' });
    const picker = vi.fn(() => Promise.reject(new DOMException('', 'AbortError')));
    vi.stubGlobal('isSecureContext', true);
    vi.stubGlobal('showSaveFilePicker', picker);
    onTestFinished(() => void vi.unstubAllGlobals());
    expect(screen.getByText('Runs in this tab: keep it open until the export finishes.')).toBeInTheDocument();
    const aside = screen.getByRole('complementary', { name: /Before you start/ });
    expect(aside).toHaveTextContent('Saved by this browser');
    await user.click(await screen.findByRole('button', { name: 'Export 31,206 users' }));
    await waitFor(() => expect(picker).toHaveBeenCalledOnce());
    expect(started()).toEqual([]);
    expect(onClose).not.toHaveBeenCalled();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  it('starts nothing twice when an answer is lost', async () => {
    const { user } = setup({ start: { status: 503, body: { code: 'unavailable', detail: 'Try again.' } } });
    const button = await screen.findByRole('button', { name: 'Export 31,206 users' });
    await user.click(button);
    expect(await screen.findByRole('alert')).toHaveTextContent('Try again.');
    await user.click(button);
    await waitFor(() => expect(started()).toHaveLength(2));
    const sent = server.asked.filter(({ path }) => path === '/v4/user-export-jobs').map(({ headers }) => headers);
    expect(sent[0]?.get('Idempotency-Key')).toMatch(/^[0-9a-f]{32}$/);
    expect(sent[1]?.get('Idempotency-Key')).toBe(sent[0]?.get('Idempotency-Key'));
  });

  it('keeps the order of the file, and opens what is folded', async () => {
    const { user } = setup();
    const rows = await screen.findByRole('region', { name: 'First rows of the file' });
    expect(rows).toHaveAttribute('tabindex', '0');
    await user.click(within(rows).getByRole('button', { name: 'Show 4 columns: email_verified to grant.id' }));
    expect(within(rows).getByRole('columnheader', { name: 'email_verified' })).toHaveFocus();
    expect(within(rows).getAllByRole('columnheader')).toHaveLength(10);
  });

  it('starts with what the admin exported last, and remembers what is exported now, never whom', async () => {
    const include = {
      attributes: false,
      extendedProfiles: { appIds: ['quiz1'], onlyMatching: true },
      foreignKeys: true,
      grants: false,
    };
    const choices: Definition = { include, file: { dialect: 'rfc4180', compression: 'gzip' } };
    const { user } = setup({ choices, filter: gb });
    expect(card('Foreign Keys')).toBeChecked();
    expect(card('Attributes')).not.toBeChecked();
    expect(screen.getByRole('radio', { name: 'RFC 4180' })).toBeChecked();
    await user.click(card('Attributes'));
    await user.click(await screen.findByRole('button', { name: 'Export 31,206 users' }));
    await waitFor(() => expect(server.asked.some(({ method }) => method === 'PATCH')).toBe(true));
    const sent = server.asked.find(({ method }) => method === 'PATCH');
    expect(sent?.path).toBe('/v4/preferences');
    expect(sent?.body).toEqual({
      export: {
        include: { ...include, attributes: true, extendedProfiles: { appIds: ['quiz1'], onlyMatching: false } },
        file: { dialect: 'rfc4180', compression: 'gzip' },
      },
    });
  });

  it('has no trace of state events where the tenant has none', async () => {
    setup();
    await screen.findByRole('button', { name: 'Export 31,206 users' });
    expect(screen.getAllByRole('checkbox')).toHaveLength(4);
    expect(screen.getByRole('dialog')).not.toHaveTextContent(/events/i);
  });

  it('offers a second file of state events, off at first, with a range in UTC', async () => {
    const { user } = setup({ events: true, filter: gb });
    expect(card('State events')).not.toBeChecked();
    expect(card('State events')).toHaveAccessibleDescription(/A second file/);
    expect(screen.queryByRole('group', { name: 'Options of State events' })).not.toBeInTheDocument();
    await user.click(card('State events'));
    const options = within(screen.getByRole('group', { name: 'Options of State events' }));
    expect(screen.getByRole('group', { name: 'Options of State events' })).toHaveAccessibleDescription(
      'Events of the users above.',
    );
    expect(options.getByText(/UTC/)).toBeInTheDocument();
    const input = (end: string) => options.getByRole('textbox', { name: `State events ${end}` });
    await waitFor(() => expect(input('from')).not.toHaveAttribute('readonly'), { timeout: 15_000 }); // it comes by itself
    await user.click(input('from'));
    await user.paste('2026-01-01');
    await user.click(input('to'));
    await user.paste('31 Jan 2026');
    await user.click(await screen.findByRole('button', { name: 'Export 31,206 users and state events' }));
    await waitFor(() => expect(started()).toHaveLength(1));
    expect(started()[0]).toMatchObject({
      include: { attributes: true, grants: true },
      users: { filter: gb },
      stateEvents: { from: '2026-01-01T00:00:00.000Z', to: '2026-01-31T23:59:59.999Z' },
    });
    // The users file is counted once: its rows do not depend on events.
    expect(server.asked.filter(({ path }) => path === '/v4/user-export-previews')).toHaveLength(1);
  });

  it('exports state events alone, and says that there is nothing of users to show', async () => {
    const { user } = setup({ events: true, preview: { body: previewOf({ columns: [], rows: [] }) } });
    await user.click(card('Attributes'));
    await user.click(card('Grants'));
    await user.click(card('State events'));
    const aside = screen.getByRole('complementary', { name: /Before you start/ });
    expect(aside).toHaveTextContent('Only the state events file is made.');
    expect(aside).not.toHaveTextContent('Columns');
    expect(screen.getByText('Only state events are exported: there is no users file to show.')).toBeInTheDocument();
    await user.click(await screen.findByRole('button', { name: 'Export state events of 31,206 users' }));
    await waitFor(() => expect(started()).toHaveLength(1));
    expect(started()[0]).toMatchObject({ include: { attributes: false, grants: false }, stateEvents: { from: null } });
  });

  it('tells a range that is none, and goes there', async () => {
    const { user } = setup({ events: true });
    await user.click(card('State events'));
    const to = () => screen.getByRole('textbox', { name: 'State events to' });
    await waitFor(() => expect(to()).not.toHaveAttribute('readonly'), { timeout: 15_000 });
    await user.click(to());
    await user.paste('soon');
    expect(screen.getByRole('alert')).toHaveTextContent('Enter a date like 31 Jan 2026');
    await user.click(screen.getByRole('button', { name: /^Export/ }));
    expect(to()).toHaveFocus();
    expect(screen.getByRole('complementary', { name: /Before you start/ })).toHaveTextContent('31,206');
    expect(started()).toEqual([]);
  });

  it('does not warn of the export that it is starting', async () => {
    const { user, client, onClose } = setup();
    const accepted = gate();
    const job = jobOf('01A', { status: 'queued', version: 1 });
    await screen.findByRole('button', { name: 'Export 31,206 users' });
    server.answers(async ({ path }) => {
      if (path !== '/v4/user-export-jobs') return { body: previewOf() };
      await accepted.opened;
      return { status: 202, body: job };
    });
    await user.click(screen.getByRole('button', { name: 'Export 31,206 users' }));
    act(() => void client.setQueryData(keys.liveJobs('meridian'), [job])); // the socket is faster than the answer
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    accepted.open();
    await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  it.each(['Escape', 'Close', 'Cancel'])('gives the focus back after its first opening, by %s', async (how) => {
    const { unmount, client } = setup();
    unmount();
    const user = userEvent.setup();
    function Page() {
      const [opened, setOpened] = useState<boolean>();
      const initial = { store: 'uk', filter: null, search: '' };
      return (
        <>
          <button type="button" onClick={() => setOpened(true)}>
            Open
          </button>
          {opened !== undefined && (
            <ExportDialog opened={opened} onClose={() => setOpened(false)} tenant="meridian" initial={initial} />
          )}
        </>
      );
    }
    renderUi(<Page />, { client });
    await user.click(screen.getByRole('button', { name: 'Open' }));
    await screen.findByRole('dialog', { name: 'Export users' });
    if (how === 'Escape') await user.keyboard('{Escape}');
    else await user.click(screen.getByRole('button', { name: how }));
    await waitFor(() => expect(screen.getByRole('button', { name: 'Open' })).toHaveFocus());
  });

  it('says who gets the email where a mail server is set up', async () => {
    const { client } = setup();
    act(() => void client.setQueryData(keys.me, (me: Me) => ({ ...me, outbox: false })));
    expect(await screen.findByText('Runs in the background. When it ends, we email a@example.com.')).toBeVisible();
  });

  it('closes by Escape', async () => {
    const { user, onClose } = setup();
    await user.keyboard('{Escape}');
    expect(onClose).toHaveBeenCalledOnce();
  });
});
