import { IconAlertCircle } from '@tabler/icons-react';
import type { Job } from '@/shared/api/client';
import { Copy } from '@/shared/ui/copy';
import { failureOf } from './failure';
import classes from './notes.module.css';
import { Section } from './section';

/** The receipt's place where there is none: what happened, what is safe, what to do, and an id to quote. */
export function FailureNote({ job }: { job: Job }) {
  const { reason, safe, next } = failureOf(job);
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
            <Copy value={job.jobId} label="Copy the export id" />
          </div>
        </div>
      </div>
    </Section>
  );
}
