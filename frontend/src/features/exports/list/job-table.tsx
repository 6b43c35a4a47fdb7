import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Group } from './groups';
import rows from './job-row.module.css';
import classes from './job-table.module.css';

const columns = ['status', 'what', 'who', 'started', 'rows', 'size', 'actions'] as const;
const heads = {
  status: 'Status',
  what: 'What',
  who: 'Requested by',
  started: 'Started',
  rows: 'Rows',
  size: 'Size',
  actions: 'Actions',
};

interface Props {
  groups: readonly Group[];
  /** A job's row; its key is the job's id. */
  row: (job: Group['jobs'][number]) => ReactNode;
  /** Called when the pointer enters or leaves the list. */
  onPointer: (over: boolean) => void;
}

/**
 * JobTable is the list with its column heads. All rows are siblings, so a row that moves to another
 * group stays the same element and keeps the focus.
 */
export function JobTable({ groups, row, onPointer }: Props) {
  return (
    <Frame onPointer={onPointer}>
      {groups.flatMap(({ name, note, jobs }) => [
        <tr key={name} role="row" className={classes.group}>
          <td role="cell" colSpan={columns.length}>
            <b>{name}</b> {note}
          </td>
        </tr>,
        ...jobs.map(row),
      ])}
    </Frame>
  );
}

/** JobTableSkeleton has the size of the list and is shown while the list loads. */
export function JobTableSkeleton() {
  return (
    <div role="status" aria-label="Loading the exports">
      <Frame>
        {[64, 48, 72, 56, 60, 44].map((width) => (
          <tr key={width} role="row" className={rows.row ?? ''}>
            <td role="cell" className={cell('status')}>
              <Skeleton height={16} width={96} />
            </td>
            <td role="cell" className={cell('what')}>
              <Skeleton height={14} width={`${width}%`} mb={8} />
              <Skeleton height={12} width={`${width - 20}%`} />
            </td>
            {columns.slice(2).map((column) => (
              <td role="cell" key={column} className={cell(column)}>
                <Skeleton height={14} width="70%" ml={column === 'rows' || column === 'size' ? 'auto' : 0} />
              </td>
            ))}
          </tr>
        ))}
      </Frame>
    </div>
  );
}

function Frame({ children, onPointer }: { children: ReactNode; onPointer?: (over: boolean) => void }) {
  return (
    <table role="table" className={classes.table} aria-label="Exports">
      <colgroup>
        {columns.map((column) => (
          <col key={column} className={classes[`${column}Column`]} />
        ))}
      </colgroup>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column} role="columnheader" scope="col" className={classes[column] ?? ''}>
              {column === 'actions' ? <span className="unseen">{heads[column]}</span> : heads[column]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup" onPointerEnter={() => onPointer?.(true)} onPointerLeave={() => onPointer?.(false)}>
        {children}
      </tbody>
    </table>
  );
}

function cell(column: string): string {
  return `${classes[column] ?? ''} ${rows[column] ?? ''}`;
}
