import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { AuditRecord } from '@/api/client';
import { own } from '@/shared/own';
import { counted } from '@/shared/ui/format';
import { ListCell, type ListColumn, ListRow, ListSkeleton, ListTable } from '@/shared/ui/list-table';
import { Time } from '@/shared/ui/time';
import { actionLabels, actorOf, placeOf, refusals } from './actions';
import classes from './audit-log.module.css';
import { foldRecords } from './fold';

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
      {foldRecords(records).map(({ record, count, since }) => (
        <ListRow key={record.id}>
          <ListCell className={classes.when ?? ''}>
            <Time value={record.time} as="seconds" />
            {count > 1 && (
              <span className={classes.by}>
                {counted(count, 'time')} since <Time value={since} as="clock-seconds" />
              </span>
            )}
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
  return (
    <>
      {refusals.includes(record.kind) && (
        <IconAlertTriangle size={16} stroke={1.75} className={classes.failed} aria-hidden />
      )}
      <b>{own(actionLabels, record.kind) ?? record.kind}</b>
      <span className={classes.by}>
        <Subject tenant={tenant} record={record} />
      </span>
    </>
  );
}

// The second line: what the record is about, as a link if a page shows it, and details.
function Subject({ tenant, record }: { tenant: string; record: AuditRecord }) {
  const { subject, words } = record;
  const place = placeOf(record);
  if (place && 'job' in place) {
    return (
      <Link to="/t/$tenant/exports/$jobId" params={{ tenant, jobId: place.job }} dir="auto">
        {words ?? `Export ${place.job}`}
      </Link>
    );
  }
  if (place) {
    return (
      <>
        <Link to="/t/$tenant/users" params={{ tenant }} search={{ user: place.user }} dir="auto">
          User {place.user}
        </Link>
        {words && ` ${words}`}
      </>
    );
  }
  return (
    <>
      {subject && !words?.includes(subject) && <code>{subject} </code>}
      {words}
    </>
  );
}

/** The placeholder of the table during the first loading. */
export function AuditTableSkeleton() {
  return <ListSkeleton label="Activity" columns={columns} classes={classes} />;
}
