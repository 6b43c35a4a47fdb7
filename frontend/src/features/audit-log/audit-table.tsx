import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { AuditRecord } from '@/shared/api/client';
import { ListCell, type ListColumn, ListRow, ListSkeleton, ListTable } from '@/shared/ui/list-table';
import { Time } from '@/shared/ui/time';
import classes from './audit-log.module.css';
import { deeds, placeOf } from './words';

const columns: ListColumn[] = [
  { name: 'when', head: 'When' },
  { name: 'who', head: 'Who' },
  { name: 'what', head: 'What' },
  { name: 'from', head: 'From' },
];

/** The records, newest first. */
export function AuditTable({ tenant, records }: { tenant: string; records: readonly AuditRecord[] }) {
  return (
    <ListTable label="Audit log" columns={columns} classes={classes}>
      {records.map((record) => (
        <ListRow key={record.id}>
          <ListCell className={classes.when ?? ''}>
            <Time value={record.time} />
          </ListCell>
          <ListCell className={classes.who ?? ''}>
            {record.email ?? 'unknown account'}
            {record.access_key && (
              <span className={classes.by}>
                a program, key <code>{record.access_key}</code>
              </span>
            )}
          </ListCell>
          <ListCell className={classes.what ?? ''}>
            <What tenant={tenant} record={record} />
          </ListCell>
          <ListCell className={classes.from ?? ''}>
            {record.address}
            {record.request_id && (
              <span className={classes.by} title="The request in the server’s log">
                <code>{record.request_id}</code>
              </span>
            )}
          </ListCell>
        </ListRow>
      ))}
    </ListTable>
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

/** The log while it is loaded for the first time. */
export function AuditTableSkeleton() {
  return <ListSkeleton label="Audit log" columns={columns} classes={classes} />;
}
