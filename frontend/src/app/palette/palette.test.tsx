import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { beforeEach, expect, it, vi } from 'vitest';
import type { Job, SavedFilter } from '@/api/client';
import { keys } from '@/api/keys';
import { jobOf } from '@/shared/testing/jobs';
import { renderUi, testClient } from '@/shared/testing/render';
import type { Opened } from './use-palette-keys';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());
const { PaletteKeys } = await import('./palette-keys');

function Keys() {
  const [opened, setOpened] = useState<Opened>(null);
  return <PaletteKeys tenant="meridian" opened={opened} onChange={setOpened} />;
}

const filter: SavedFilter['filter'] = { field: 'email_verified', operator: 'checked' };
const saved = (status: number) =>
  status === 200
    ? { body: { results: [{ id: '01A', name: 'Verified', filter, editable: true }] } }
    : { status, body: { code: 'internal', detail: 'Broken' } };

beforeEach(() => {
  Element.prototype.scrollIntoView = vi.fn(); // jsdom has none
});

interface Options {
  role?: 'owner' | 'viewer';
  jobs?: Job[];
  status?: number;
  at?: string;
}

function setup({ role = 'owner', jobs = [], status = 200, at = '/t/meridian/exports' }: Options = {}) {
  server.answers(() => saved(status));
  const client = testClient();
  const tenants = [
    { id: 'meridian', name: 'Meridian Press', role },
    { id: 'orion', name: 'Orion', role },
  ];
  client.setQueryData(keys.me, { tenants, outbox: false });
  client.setQueryData(keys.liveJobs('meridian'), jobs);
  const ui = (
    <>
      <button type="button">Before</button>
      <input aria-label="Other field" />
      <Keys />
    </>
  );
  const { router } = renderUi(ui, { client, at });
  const shown = () => screen.getAllByRole('option').map((option) => option.getAttribute('aria-label'));
  const user = userEvent.setup();
  const open = async () => {
    await user.keyboard('{Control>}k{/Control}');
    const field = await screen.findByRole('combobox', { name: 'Search commands and users' });
    await waitFor(() => expect(field).toHaveFocus());
    return field;
  };
  return { router, shown, user, open };
}

const gone = () => waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());

it('opens by Ctrl+K, finds by words, runs by Enter, and asks for nothing before', async () => {
  const { router, user, shown, open } = setup();
  expect(server.asked).toEqual([]);
  await open();
  expect(screen.getByRole('dialog', { name: 'Commands' })).toBeInTheDocument();
  await screen.findByRole('option', { name: 'Saved filters: Verified' });
  expect(shown()).toContain('Switch tenant: Orion');
  await user.keyboard('go set');
  expect(shown()).toEqual(['Go to: Settings', 'Users: Find users: “go set”']);
  await user.keyboard('{Enter}');
  await waitFor(() => expect(router.state.location.pathname).toBe('/t/meridian/settings'));
  await gone();
});

it('opens from a field and returns the focus there, by Escape and by the same keys', async () => {
  const { user, open } = setup();
  const field = screen.getByRole('textbox', { name: 'Other field' });
  for (const close of ['{Escape}', '{Control>}k{/Control}']) {
    await user.click(field);
    await open();
    await user.keyboard(close);
    await gone();
    await waitFor(() => expect(field).toHaveFocus());
  }
  expect(field).toHaveValue('');
});

it('moves by arrows around the ends, and finds users by words', async () => {
  const { router, user, open } = setup();
  const field = await open();
  await user.keyboard('users');
  await user.keyboard('{ArrowUp}');
  const last = screen.getAllByRole('option').at(-1);
  expect(last).toHaveAttribute('aria-selected', 'true');
  expect(field).toHaveAttribute('aria-activedescendant', last?.id);
  await user.keyboard('{ArrowDown}');
  expect(screen.getAllByRole('option')[0]).toHaveAttribute('aria-selected', 'true');
  await user.keyboard('{ArrowUp}{Enter}');
  await waitFor(() => expect(router.state.location.search).toEqual({ search: 'users' }));
});

it('says when no command matches', async () => {
  const { user, shown, open } = setup();
  await open();
  await user.keyboard('zebra');
  expect(within(screen.getByRole('dialog')).getByRole('status')).toHaveTextContent('No command matches.');
  expect(shown()).toEqual(['Users: Find users: “zebra”']);
});

it('says when the saved filters could not be loaded', async () => {
  const { open } = setup({ status: 403 });
  await open();
  expect(await screen.findByText('The saved filters could not be loaded.')).toBeInTheDocument();
});

it('lists the five newest exports, and finds all of them', async () => {
  const jobs = ['one', 'two', 'three', 'four', 'five', 'six'].map((words) =>
    jobOf(words, { words, status: 'completed' }),
  );
  const { router, user, shown, open } = setup({ jobs });
  await open();
  const exports = () => shown().filter((name) => name?.startsWith('Your exports'));
  expect(exports()).toHaveLength(5);
  expect(exports()[0]).toMatch(/^Your exports: one, Completed, /);
  await user.keyboard('exports six{Enter}');
  await waitFor(() => expect(router.state.location.pathname).toBe('/t/meridian/exports/six'));
});

it('exports the users on the screen', async () => {
  const { router, user, open } = setup({ at: '/t/meridian/users?search=zoe' });
  await router.load();
  await open();
  await user.keyboard('export users{Enter}');
  await waitFor(() => expect(router.state.location.search).toEqual({ search: 'zoe', dialog: 'export' }));
});

it('does not start an export while one runs', async () => {
  const { user, open } = setup({ jobs: [jobOf('J1', { status: 'downloading' })] });
  await open();
  await user.keyboard('action export');
  const option = screen.getByRole('option', { name: 'Action: Export users, An export is running' });
  expect(option).toHaveAttribute('aria-disabled', 'true');
  await user.keyboard('{Enter}');
  expect(screen.getByRole('dialog')).toBeInTheDocument();
});

it('offers viewers no export, and only the pages that they see', async () => {
  const { shown, open } = setup({ role: 'viewer' });
  await open();
  expect(shown()).toContain('Action: Export users, A viewer cannot export. Ask an owner.');
  expect(shown()).not.toContain('Go to: Members');
});

it('shows the shortcuts by "?", except where the key types', async () => {
  const { user } = setup();
  await user.click(screen.getByRole('textbox', { name: 'Other field' }));
  await user.keyboard('?');
  expect(screen.getByRole('textbox', { name: 'Other field' })).toHaveValue('?');
  const before = screen.getByRole('button', { name: 'Before' });
  before.focus();
  await user.keyboard('?');
  expect(await screen.findByRole('dialog', { name: 'Keyboard shortcuts' })).toHaveTextContent('Search users');
  await user.keyboard('{Escape}');
  await waitFor(() => expect(before).toHaveFocus());
});

it('goes from the palette to the shortcuts, and returns the focus to where it was', async () => {
  const { user, open } = setup();
  const before = screen.getByRole('button', { name: 'Before' });
  before.focus();
  await open();
  await user.keyboard('keyboard{Enter}');
  await screen.findByRole('dialog', { name: 'Keyboard shortcuts' });
  await user.keyboard('{Escape}');
  await waitFor(() => expect(before).toHaveFocus());
});

it.each(['dialog', 'menu'])('opens nothing while a %s is open', async (kind) => {
  const { user } = setup();
  const other = document.createElement('div');
  other.setAttribute('role', kind);
  if (kind === 'dialog') other.setAttribute('aria-modal', 'true');
  other.innerHTML = '<button type="button">Inside</button>';
  document.body.append(other);
  screen.getByRole('button', { name: 'Inside' }).focus();
  await user.keyboard('{Control>}k{/Control}?');
  expect(screen.queryByRole('combobox')).not.toBeInTheDocument();
  expect(screen.queryByText('Keyboard shortcuts')).not.toBeInTheDocument();
  other.remove();
});
