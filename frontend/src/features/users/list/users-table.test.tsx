import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import type { User } from '@/api/client';
import type { UserSort } from '@/api/keys';
import { renderUi } from '@/shared/testing/render';
import { grantOf, schemaOf, userOf } from '../testing';
import { chooseColumns } from '../user/columns';
import { listColumns } from '../user/list-columns';
import { UsersTable } from './users-table';

const schema = schemaOf(['first_name'], ['last_name'], ['country', 'select']);
const amara = userOf('amara', {
  attributes: { first_name: 'Amara', last_name: 'Okafor', country: 'GB' },
  grants: [grantOf('a'), grantOf('b')],
});

interface Shown {
  filtered?: string[];
  userColumns?: string[];
  sort?: UserSort;
}

function show(users: readonly User[] | undefined, { filtered = [], userColumns, sort = '' }: Shown = {}) {
  const onOpen = vi.fn();
  const onSort = vi.fn();
  renderUi(
    <UsersTable
      tenant="meridian"
      users={users}
      limit={25}
      {...listColumns({ ...schema, userColumns: userColumns ?? null })}
      name={chooseColumns(schema).name}
      stores={[{ id: 'uk', title: 'Meridian UK' }]}
      products={[{ id: 'digital-annual', label: 'Digital Annual' }]}
      filtered={new Set(filtered)}
      sort={sort}
      onSort={onSort}
      stale={false}
      opened={null}
      onOpen={onOpen}
    />,
  );
  return { onOpen, onSort };
}

it('shows a user in the columns of the schema', () => {
  show([amara]);
  expect(screen.getAllByRole('columnheader').map(({ textContent }) => textContent)).toEqual([
    'Email address',
    'Name',
    'country',
    'User store',
    'Subscriptions',
    'Registered',
    'Last login',
  ]);
  const row = screen.getByRole('row', { name: /amara@example.com/ });
  const texts = within(row)
    .getAllByRole('cell')
    .map(({ textContent }) => textContent);
  expect(texts.slice(0, 5)).toEqual([
    'amara@example.com',
    'Amara Okafor',
    'GB',
    'Meridian UK',
    'Digital Annualexpired +1',
  ]);
});

it('shows unverified, unknown and none', () => {
  show([userOf('jo', { email_verified: false, last_login: null })]);
  const row = screen.getByRole('row', { name: /jo@example.com/ });
  expect(within(row).getByText('unverified')).toBeVisible();
  expect(within(row).getByText('None')).toBeVisible();
  expect(within(row).getAllByText('unknown')).toHaveLength(3); // name, country, last login
});

it('marks the columns of the filter, for screen readers in words of their own', () => {
  show([amara], { filtered: ['attributes.last_name', 'last_login'] });
  expect(screen.getByRole('columnheader', { name: 'Name filtered' })).toBeVisible();
  expect(screen.getByRole('columnheader', { name: 'Last login filtered' })).toBeVisible();
  expect(screen.getAllByRole('img', { name: 'filtered' })).toHaveLength(2);
});

it('opens a user by a click anywhere in the row, and by the link', async () => {
  const { onOpen } = show([amara]);
  await userEvent.click(screen.getByText('Meridian UK'));
  expect(onOpen).toHaveBeenCalledExactlyOnceWith('amara');
  const link = screen.getByRole('link', { name: 'amara@example.com' });
  expect(link).toHaveAttribute('href', expect.stringContaining('user=amara'));
});

it('is busy with placeholder rows during loading', () => {
  show(undefined);
  const table = screen.getByRole('table', { name: 'Users' });
  expect(table).toHaveAttribute('aria-busy', 'true');
  expect(within(table).getAllByRole('row', { hidden: true })).toHaveLength(26);
});

it('shows the chosen columns in their order, without those that the schema no longer has', () => {
  show([amara], { userColumns: ['email', 'updated', 'attributes.gone', 'attributes.country', 'user_id', 'name'] });
  const row = screen.getByRole('row', { name: /amara@example.com/ });
  expect(screen.getAllByRole('columnheader').map(({ textContent }) => textContent)).toEqual([
    'Email address',
    'Last updated',
    'country',
    'ID',
    'Name',
  ]);
  const texts = within(row)
    .getAllByRole('cell')
    .map(({ textContent }) => textContent);
  expect(texts.slice(2)).toEqual(['GB', 'amara', 'Amara Okafor']);
});

it('sorts by the columns that an index serves, times newest first', async () => {
  const { onSort } = show([amara], { sort: 'email_address' });
  expect(screen.getByRole('columnheader', { name: 'Email address' })).toHaveAttribute('aria-sort', 'ascending');
  expect(screen.getByRole('columnheader', { name: 'Registered' })).not.toHaveAttribute('aria-sort');
  expect(screen.getAllByRole('button').map(({ textContent }) => textContent)).toEqual([
    'Email address',
    'Registered',
    'Last login',
  ]);
  await userEvent.click(screen.getByRole('button', { name: 'Registered' }));
  await userEvent.click(screen.getByRole('button', { name: 'Email address' }));
  expect(onSort.mock.calls).toEqual([['-registered'], ['-email_address']]);
});
