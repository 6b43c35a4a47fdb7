import { Skeleton, Table } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { AuditRecord } from '@/shared/api/client';
import { Time } from '@/shared/ui/time';
import classes from './audit-log.module.css';
import { deeds, placeOf } from './words';

const heads = { when: 'When', who: 'Who', what: 'What', from: 'From' } as const;
type Column = keyof typeof heads;
const columns: Column[] = ['when', 'who', 'what', 'from'];

/** The records, newest first. On a narrow screen its rows are items; to readers it is a table at every width. */
export function AuditTable({ tenant, records }: { tenant: string; records: readonly AuditRecord[] }) {
  return (
    <Frame>
      {records.map((record) => (
        <Table.Tr key={record.id} role="row" className={classes.row ?? ''}>
          <Table.Td role="cell" className={classes.when ?? ''}>
            <Time value={record.time} />
          </Table.Td>
          <Table.Td role="cell" className={classes.who ?? ''}>
            {record.email ?? 'unknown account'}
            {record.access_key && (
              <span className={classes.by}>
                a program, key <code>{record.access_key}</code>
              </span>
            )}
          </Table.Td>
          <Table.Td role="cell" className={classes.what ?? ''}>
            <What tenant={tenant} record={record} />
          </Table.Td>
          <Table.Td role="cell" className={classes.from ?? ''}>
            {record.address}
            {record.request_id && (
              <span className={classes.by} title="The request in the server’s log">
                <code>{record.request_id}</code>
              </span>
            )}
          </Table.Td>
        </Table.Tr>
      ))}
    </Frame>
  );
}

function What({ tenant, record }: { tenant: string; record: AuditRecord }) {
  const place = placeOf(record);
  const deed = deeds[record.kind];
  return (
    <>
      {record.kind === 'sign_in_failed' && (
        <IconAlertTriangle size={16} stroke={1.75} className={classes.failed} aria-hidden />
      )}
      {place && 'job' in place && (
        <Link to="/t/$tenant/exports/$jobId" params={{ tenant, jobId: place.job }}>
          {deed}
        </Link>
      )}
      {place && 'user' in place && (
        <Link to="/t/$tenant/users" params={{ tenant }} search={{ user: place.user }}>
          {deed}
        </Link>
      )}
      {!place && <b>{deed}</b>}
      {record.words && <span className={classes.by}>{record.words}</span>}
    </>
  );
}

/** The log while it is loaded for the first time: rows of the final size, without words. */
export function AuditTableSkeleton() {
  return (
    <div role="status" aria-label="Loading the audit log">
      <Frame>
        {[72, 48, 64, 56].map((width) => (
          <Table.Tr key={width} role="row" className={classes.row ?? ''}>
            {columns.map((column) => (
              <Table.Td key={column} role="cell" className={classes[column] ?? ''}>
                <Skeleton height={14} width={`${width}%`} />
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Frame>
    </div>
  );
}

function Frame({ children }: { children: ReactNode }) {
  return (
    <Table
      role="table"
      className={classes.table ?? ''}
      layout="fixed"
      stickyHeader
      withRowBorders={false}
      aria-label="Audit log"
    >
      <colgroup>
        {columns.map((column) => (
          <col key={column} className={classes[`${column}Column`]} />
        ))}
      </colgroup>
      <Table.Thead role="rowgroup">
        <Table.Tr role="row">
          {columns.map((column) => (
            <Table.Th key={column} role="columnheader" scope="col">
              {heads[column]}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody role="rowgroup">{children}</Table.Tbody>
    </Table>
  );
}
