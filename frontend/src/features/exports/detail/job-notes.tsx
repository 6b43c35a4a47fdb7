import { IconAlertCircle, IconAlertTriangle, IconBan, IconInfoCircle } from '@tabler/icons-react';
import type { Job } from '@/api/client';
import { retryText } from '@/jobs/retry-text';
import { Copy } from '@/shared/ui/copy';
import { count } from '@/shared/ui/format';
import { useTimeZone } from '@/shared/ui/time';
import { cancelText } from '../text/job-text';
import { failureText } from './failure-text';
import type { Note } from './notes';
import classes from './notes.module.css';
import { Section } from './section';

/** Notes lists the warnings and facts about a job. It renders nothing without notes. */
export function Notes({ notes }: { notes: readonly Note[] }) {
  if (notes.length === 0) return null;
  return (
    <Section title="Notes" aside={count(notes.length)}>
      <ul className={classes.notes}>
        {notes.map(({ kind, lead, rest }) => {
          const Icon = kind === 'warning' ? IconAlertTriangle : IconInfoCircle;
          return (
            <li key={`${lead} ${rest}`} className={classes.note} data-kind={kind}>
              <Icon size={17} stroke={1.75} aria-label={kind === 'warning' ? 'Warning' : 'Fact'} />
              <p>
                <b>{lead}</b> {rest}
              </p>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

/** RetryNote says why a live job waits and when it retries. */
export function RetryNote({ job, now }: { job: Job; now: Date }) {
  const zone = useTimeZone();
  return (
    <div className={classes.note} data-kind="warning">
      <IconAlertTriangle size={17} stroke={1.75} aria-label="Waiting" />
      <p>
        <b>{retryText(job, now, zone)}</b>
      </p>
    </div>
  );
}

/**
 * FailureNote replaces the receipt of a failed job: what happened, what is safe, what to do, and
 * the id to quote.
 */
export function FailureNote({ job }: { job: Job }) {
  const { reason, safe, next } = failureText(job);
  return (
    <Section title="What happened">
      <div className={classes.note} data-kind="failure">
        <IconAlertCircle size={17} stroke={1.75} aria-hidden />
        <div>
          <p>
            <b>{reason}</b>
          </p>
          <p>{safe}</p>
          <p>{next}</p>
          <div className={classes.id}>
            <span>Export {job.jobId}</span>
            <Copy value={job.jobId} label="Copy the export ID" />
          </div>
        </div>
      </div>
    </Section>
  );
}

/** NoFile replaces the receipt of a cancelled job. */
export function NoFile({ job }: { job: Job }) {
  return (
    <Section title="Receipt">
      <div className={classes.note}>
        <IconBan size={17} stroke={1.75} aria-hidden />
        <p>
          <b>The export was cancelled.</b> {cancelText(job)}. No file was kept.
        </p>
      </div>
    </Section>
  );
}
