import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { AuditRecord } from '@/api/client';
import { own } from '@/shared/own';
import { ListCell, type ListColumn, ListRow, ListSkeleton, ListTable } from '@/shared/ui/list-table';
import { Time } from '@/shared/ui/time';
import { actionLabels, actorOf, placeOf, refusals } from './actions';
import classes from './audit-log.module.css';

const columns: ListColumn[] = [
  { name: 'when', head: 'When' },
  { name: 'who', head: 'Who' },
  { name: 'what', head: 'What' },
  { name: 'from', head: 'From' },
];

/** The records, newest first. */
export function AuditTable({ tenant, records }: { tenant: string; records: readonly AuditRecord[] }) {
  return (
    <ListTable label="Activity" columns={columns} classes={classes}>
      {records.map((record) => (
        <ListRow key={record.id}>
          <ListCell className={classes.when ?? ''}>
            <Time value={record.time} />
          </ListCell>
          <ListCell className={classes.who ?? ''}>
            {actorOf(record)}
            {record.access_key && (
              <span className={classes.by}>
                API key <code>{record.access_key}</code>
              </span>
            )}
          </ListCell>
          <ListCell className={classes.what ?? ''}>
            <What tenant={tenant} record={record} />
          </ListCell>
          <ListCell className={classes.from ?? ''}>
            {record.address}
            {record.request_id && (
              <span className={classes.by} title="Request ID in the server log">
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
  const label = own(actionLabels, record.kind) ?? record.kind;
  return (
    <>
      {refusals.includes(record.kind) && (
        <IconAlertTriangle size={16} stroke={1.75} className={classes.failed} aria-hidden />
      )}
      {place && 'job' in place && (
        <Link to="/t/$tenant/exports/$jobId" params={{ tenant, jobId: place.job }}>
          {label}
        </Link>
      )}
      {place && 'user' in place && (
        <Link to="/t/$tenant/users" params={{ tenant }} search={{ user: place.user }}>
          {label}
        </Link>
      )}
      {!place && <b>{label}</b>}
      {record.words && <span className={classes.by}>{record.words}</span>}
    </>
  );
}

/** The placeholder of the table during the first loading. */
export function AuditTableSkeleton() {
  return <ListSkeleton label="Activity" columns={columns} classes={classes} />;
}
