import { screen, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { gate } from '@/shared/testing/gate';
import { day } from '@/shared/ui/format';
import { previewOf } from './testing';
import { gb, openDialog } from './testing-dialog';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

const card = (name: string) => screen.getByRole('checkbox', { name });

it('says what the file will hold, before it is made', async () => {
  openDialog(server, { filter: gb });
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
  openDialog(server, { filter: gb });
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
  const { user } = openDialog(server, { preview: { body: previewOf({ notes: [note] }) } });
  expect(screen.getByText(/list separator is a semicolon.*Data → From Text\/CSV/)).toBeInTheDocument();
  expect(await screen.findByText(/reads text like 219E01/)).toBeInTheDocument();
  expect(screen.getByText('Based on the values of the first 200 users of 31,206.')).toBeInTheDocument();
  await user.click(screen.getByRole('radio', { name: 'RFC 4180' }));
  expect(screen.queryByText(/list separator/)).not.toBeInTheDocument();
  expect(screen.queryByText(/Based on the values/)).not.toBeInTheDocument();
});

it('offers the header where nobody matches', async () => {
  openDialog(server, { preview: { body: previewOf({ users: 0, rows: [] }) } });
  expect(await screen.findByRole('button', { name: 'Export the header only' })).toBeInTheDocument();
  expect(screen.getByText(/No users match/)).toBeInTheDocument();
});

it('keeps the order of the file, and opens what is folded', async () => {
  const { user } = openDialog(server);
  const rows = await screen.findByRole('region', { name: 'First rows of the file' });
  expect(rows).toHaveAttribute('tabindex', '0');
  await user.click(within(rows).getByRole('button', { name: 'Show 4 columns: email_verified to grant.id' }));
  expect(within(rows).getByRole('columnheader', { name: 'email_verified' })).toHaveFocus();
  expect(within(rows).getAllByRole('columnheader')).toHaveLength(10);
});
