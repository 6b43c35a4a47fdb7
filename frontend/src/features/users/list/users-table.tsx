import { Skeleton } from '@mantine/core';
import { type CSSProperties, memo } from 'react';
import type { Field, User, UserSchema, UserStore } from '@/api/client';
import type { UserSort } from '@/api/keys';
import { type ListColumn, leadColumn } from '../user/list-columns';
import { ColumnHead } from './column-head';
import { UserRow } from './user-row';
import classes from './users-table.module.css';

interface Props {
  tenant: string;
  /** Undefined during loading: placeholder rows are shown. */
  users: readonly User[] | undefined;
  /** The number of placeholder rows. */
  limit: number;
  /** The columns after the first one. */
  columns: readonly ListColumn[];
  /** The admin has chosen the columns. */
  chosen: boolean;
  /** The fields that form the name. */
  name: readonly Field[];
  stores: readonly UserStore[];
  products: UserSchema['products'];
  /** The names of the fields in the filter. */
  filtered: ReadonlySet<string>;
  sort: UserSort;
  onSort: (sort: UserSort) => void;
  /** The rows are those of the previous query. */
  stale: boolean;
  /** The user whose drawer is open. */
  opened: string | null;
  onOpen: (userId: string) => void;
}

/**
 * The table of users. Below 900 px each row has a few lines; for screen readers it is always a table. Columns that the
 * admin has chosen are all shown: a narrow table scrolls. It is rendered only when one of its props has changed.
 */
export const UsersTable = memo(function UsersTable({
  users,
  limit,
  stale,
  chosen,
  filtered,
  sort,
  onSort,
  ...rest
}: Props) {
  const columns = [leadColumn, ...rest.columns];
  return (
    <table
      className={classes.table}
      role="table"
      aria-label="Users"
      aria-busy={stale || !users}
      data-stale={stale || undefined}
      data-chosen={chosen || undefined}
      style={chosen ? ({ '--columns': rest.columns.length } as CSSProperties) : {}}
    >
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <ColumnHead
              key={column.id}
              column={column}
              marked={column.fields.some((field) => filtered.has(field))}
              sort={sort}
              onSort={onSort}
            />
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {users ? (
          users.map((user) => <UserRow key={user.user_id} user={user} {...rest} />)
        ) : (
          <SkeletonRows rows={Math.min(limit, 25)} columns={columns} />
        )}
      </tbody>
    </table>
  );
});

// Widths in percent of a cell, varied like text.
const widths = [62, 71, 54, 66, 58];

/** Placeholder rows with the height of the users' rows. */
function SkeletonRows({ rows, columns }: { rows: number; columns: readonly ListColumn[] }) {
  return Array.from({ length: rows }, (_, row) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: these rows are all alike
    <tr key={row} role="row" className={classes.row} data-skeleton="" aria-hidden>
      {columns.map(({ id, kind }, i) => (
        <td key={id} role="cell" data-column={kind}>
          <Skeleton height={10} width={`${widths[(row + i) % widths.length]}%`} />
        </td>
      ))}
    </tr>
  ));
}
