import { Skeleton, Table } from '@mantine/core';
import { IconFilterFilled } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { User, UserSchema, UserStore } from '@/api/client';
import type { Columns } from '../user/columns';
import { UserRow } from './user-row';
import classes from './users-table.module.css';

interface Props {
  tenant: string;
  /** Undefined during loading: placeholder rows are shown. */
  users: readonly User[] | undefined;
  /** The number of placeholder rows. */
  limit: number;
  columns: Columns;
  stores: readonly UserStore[];
  products: UserSchema['products'];
  /** The names of the fields in the filter. */
  filtered: ReadonlySet<string>;
  /** The rows are those of the previous query. */
  stale: boolean;
  /** The user whose drawer is open. */
  opened: string | null;
  onOpen: (userId: string) => void;
}

/** The table of users. Below 900 px each row has three lines; for screen readers it is always a table. */
export function UsersTable({ users, limit, stale, filtered, ...rest }: Props) {
  const { columns } = rest;
  return (
    <Table
      className={classes.table ?? ''}
      role="table"
      aria-label="Users"
      aria-busy={stale || !users}
      data-stale={stale || undefined}
      withRowBorders={false}
    >
      <UsersHead columns={columns} filtered={filtered} />
      <Table.Tbody role="rowgroup">
        {users ? (
          users.map((user) => <UserRow key={user.user_id} user={user} {...rest} />)
        ) : (
          <SkeletonRows rows={Math.min(limit, 25)} columns={columns} />
        )}
      </Table.Tbody>
    </Table>
  );
}

/** The head of the table. */
export function UsersHead({ columns: { name, choice }, filtered }: Pick<Props, 'columns' | 'filtered'>) {
  const slugs = name.map(({ slug }) => `attributes.${slug}`);
  return (
    <Table.Thead role="rowgroup">
      <Table.Tr role="row">
        <Head marked={has(filtered, ['identifiers.email_address', 'email_verified'])}>Email address</Head>
        {name.length > 0 && (
          <Head as="name" marked={has(filtered, slugs)}>
            Name
          </Head>
        )}
        {choice && (
          <Head as="choice" marked={has(filtered, [`attributes.${choice.slug}`])}>
            {choice.label}
          </Head>
        )}
        <Head as="store">User store</Head>
        <Head as="subscriptions">Subscriptions</Head>
        <Head as="registered" marked={has(filtered, ['registered'])}>
          Registered
        </Head>
        <Head as="login" marked={has(filtered, ['last_login'])}>
          Last login
        </Head>
      </Table.Tr>
    </Table.Thead>
  );
}

function has(filtered: ReadonlySet<string>, names: readonly string[]): boolean {
  return names.some((name) => filtered.has(name));
}

interface HeadProps {
  as?: 'name' | 'choice' | 'store' | 'subscriptions' | 'registered' | 'login';
  /** The filter has a rule about this column. */
  marked?: boolean;
  children: ReactNode;
}

function Head({ as, marked = false, children }: HeadProps) {
  return (
    <Table.Th role="columnheader" scope="col" data-column={as}>
      {children}
      {marked && (
        <>
          {' '}
          <IconFilterFilled size={12} className={classes.funnel} role="img" aria-label="filtered" />
        </>
      )}
    </Table.Th>
  );
}

// Widths in percent of a cell, varied like text.
const widths = [62, 71, 54, 66, 58];

/** Placeholder rows with the height of the users' rows. */
function SkeletonRows({ rows, columns }: { rows: number; columns: Columns }) {
  const cells = [
    'lead',
    ...(columns.name.length > 0 ? ['name'] : []),
    ...(columns.choice ? ['choice'] : []),
    'store',
    'subscriptions',
    'registered',
    'login',
  ];
  return Array.from({ length: rows }, (_, row) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: these rows are all alike
    <Table.Tr key={row} role="row" className={classes.row ?? ''} data-skeleton="" aria-hidden>
      {cells.map((cell, i) => (
        <Table.Td key={cell} role="cell" data-column={cell}>
          <Skeleton height={10} width={`${widths[(row + i) % widths.length]}%`} />
        </Table.Td>
      ))}
    </Table.Tr>
  ));
}
