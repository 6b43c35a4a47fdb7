import { screen, waitFor, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { previewOf } from './testing';
import { gb, openDialog } from './testing-dialog';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

const card = (name: string) => screen.getByRole('checkbox', { name });
const started = () => server.asked.filter(({ path }) => path === '/v4/user-export-jobs').map(({ body }) => body);

it('has no trace of state events where the tenant has none', async () => {
  openDialog(server);
  await screen.findByRole('button', { name: 'Export 31,206 users' });
  expect(screen.getAllByRole('checkbox')).toHaveLength(4);
  expect(screen.getByRole('dialog')).not.toHaveTextContent(/events/i);
});

it('offers a second file of state events, off at first, with a range in UTC', async () => {
  const { user } = openDialog(server, { events: true, filter: gb });
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
  await waitFor(() => expect(input('from')).not.toHaveAttribute('readonly')); // it comes by itself
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
  const { user } = openDialog(server, { events: true, preview: { body: previewOf({ columns: [], rows: [] }) } });
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
  const { user } = openDialog(server, { events: true });
  await user.click(card('State events'));
  const to = () => screen.getByRole('textbox', { name: 'State events to' });
  await waitFor(() => expect(to()).not.toHaveAttribute('readonly'));
  await user.click(to());
  await user.paste('soon');
  expect(screen.getByRole('alert')).toHaveTextContent('Enter a date like 31 Jan 2026');
  await user.click(screen.getByRole('button', { name: /^Export/ }));
  expect(to()).toHaveFocus();
  expect(screen.getByRole('complementary', { name: /Before you start/ })).toHaveTextContent('31,206');
  expect(started()).toEqual([]);
});
