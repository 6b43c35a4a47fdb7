import { Skeleton, Table } from '@mantine/core';
import type { Columns } from './columns';
import classes from './users-table.module.css';

// Widths in percent of a cell, so that the rows look like rows of words.
const widths = [62, 71, 54, 66, 58];

/** Rows of the final height where users will be. */
export function SkeletonRows({ rows, columns }: { rows: number; columns: Columns }) {
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
