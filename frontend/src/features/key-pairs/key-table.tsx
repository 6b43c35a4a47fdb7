import { Skeleton, Table } from '@mantine/core';
import type { ReactNode } from 'react';
import type { KeyPair } from '@/shared/api/client';
import { KeyRow } from './key-row';
import classes from './key-table.module.css';

const heads = {
  note: 'What for',
  access: 'Access key',
  admin: 'Admin',
  made: 'Made',
  used: 'Last used',
  actions: 'Actions',
} as const;
type Column = keyof typeof heads;

const own: Column[] = ['note', 'access', 'made', 'used', 'actions'];
const everyones: Column[] = ['note', 'access', 'admin', 'made', 'used', 'actions'];

interface Props {
  tenant: string;
  pairs: readonly KeyPair[];
  /** Owners see everyone's, and whose each is. */
  whose: boolean;
}

/** The key pairs, newest first. On a narrow screen its rows are items; to readers it is a table at every width. */
export function KeyTable({ tenant, pairs, whose }: Props) {
  return (
    <Frame whose={whose}>
      {pairs.map((pair) => (
        <KeyRow key={pair.access_key} tenant={tenant} pair={pair} whose={whose} />
      ))}
    </Frame>
  );
}

/** The list while it is loaded for the first time: rows of the final size, without words. */
export function KeyTableSkeleton({ whose }: Pick<Props, 'whose'>) {
  return (
    <div role="status" aria-label="Loading the key pairs">
      <Frame whose={whose}>
        {[64, 48, 72].map((width) => (
          <Table.Tr key={width} role="row" className={classes.row ?? ''}>
            {(whose ? everyones : own).map((column) => (
              <Table.Td key={column} role="cell" className={classes[column] ?? ''}>
                <Skeleton
                  height={14}
                  width={column === 'note' ? `${width}%` : '70%'}
                  ml={column === 'actions' ? 'auto' : 0}
                />
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Frame>
    </div>
  );
}

function Frame({ whose, children }: { whose: boolean; children: ReactNode }) {
  const columns = whose ? everyones : own;
  return (
    <Table
      role="table"
      className={classes.table ?? ''}
      layout="fixed"
      stickyHeader
      withRowBorders={false}
      aria-label="Key pairs"
    >
      <colgroup>
        {columns.map((column) => (
          <col key={column} className={classes[`${column}Column`]} />
        ))}
      </colgroup>
      <Table.Thead role="rowgroup">
        <Table.Tr role="row">
          {columns.map((column) => (
            <Table.Th key={column} role="columnheader" scope="col" className={classes[column] ?? ''}>
              {column === 'actions' ? <span className="unseen">{heads[column]}</span> : heads[column]}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody role="rowgroup">{children}</Table.Tbody>
    </Table>
  );
}
