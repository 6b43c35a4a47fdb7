import { Table } from '@mantine/core';
import { IconFilterFilled } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { User, UserSchema, UserStore } from '@/shared/api/client';
import type { Columns } from './columns';
import { SkeletonRows } from './skeleton-rows';
import { UserRow } from './user-row';
import classes from './users-table.module.css';

interface Props {
  tenant: string;
  /** Undefined while they are loaded: rows of the same height stand there. */
  users: readonly User[] | undefined;
  /** How many rows to expect. */
  limit: number;
  columns: Columns;
  stores: readonly UserStore[];
  products: UserSchema['products'];
  /** The fields of the filter, as rules name them. */
  filtered: ReadonlySet<string>;
  /** The rows are those of the question before. */
  stale: boolean;
  /** The user whose drawer is open. */
  opened: string | null;
  onOpen: (userId: string) => void;
}

/** The list of users. Under 900 its rows are items of three lines; to readers it is a table at every width. */
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

/** The head alone, for where nobody matches. */
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
  /** The column is one that the filter speaks of. */
  marked?: boolean;
  children: ReactNode;
}

function Head({ as, marked = false, children }: HeadProps) {
  return (
    <Table.Th role="columnheader" scope="col" data-column={as}>
      {children}
      {marked && <IconFilterFilled size={12} className={classes.funnel} role="img" aria-label="filtered" />}
    </Table.Th>
  );
}
