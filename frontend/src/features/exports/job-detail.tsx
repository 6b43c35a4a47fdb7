import type { Job } from '@/shared/api/client';
import { tenantName, useMe, useRole } from '@/shared/api/me';
import { isLive } from '@/shared/jobs/words';
import { useTitle } from '@/shared/ui/page';
import { useTimeZone } from '@/shared/ui/time';
import { actionsOf } from './actions';
import { AskedFor } from './asked-for';
import { FailureNote } from './failure-note';
import { JobHead } from './job-head';
import classes from './job-page.module.css';
import { LiveReceipt } from './live-receipt';
import { mailNotes } from './mail-notes';
import { NoFile } from './no-file';
import { notesOf } from './notes';
import { Notes } from './notes-list';
import { Receipt } from './receipt';
import { Throughput } from './throughput-cells';
import { timeline } from './timeline';
import { Timeline } from './timeline-list';
import { useJobActions } from './use-job-actions';
import { useNow } from './use-now';

interface Props {
  tenant: string;
  job: Job;
  /** Running again has made another job. */
  onStarted: (job: Job) => void;
}

/** A job in full: how it stands, its receipt, what was asked for, and what happened. */
export function JobDetail({ tenant, job, onStarted }: Props) {
  const zone = useTimeZone();
  const now = useNow(isLive(job));
  const me = useMe().data;
  const role = useRole(tenant);
  useTitle(`${job.words} · ${tenantName(me, tenant)}`);
  const doings = useJobActions(tenant, onStarted);
  return (
    <article className={classes.page}>
      <JobHead
        tenant={tenant}
        job={job}
        now={now}
        actions={actionsOf(job, { email: me?.email ?? '', role })}
        doing={doings.doing(job.jobId)}
        offline={doings.offline}
        problem={doings.problem}
        onAction={doings.run}
      />
      <div className={classes.detail}>
        <div className={classes.main}>
          {isLive(job) && <LiveReceipt job={job} />}
          {job.status === 'failed' && <FailureNote job={job} />}
          {job.status === 'cancelled' && <NoFile job={job} />}
          {job.files.map((file) => (
            <Receipt key={file.kind} tenant={tenant} job={job} file={file} />
          ))}
          <Notes notes={[...notesOf(job, zone), ...mailNotes(job, me?.outbox ?? false, zone)]} />
          <AskedFor words={job.words} definition={job.definition} />
          <Throughput job={job} />
        </div>
        <Timeline steps={timeline(job)} />
      </div>
    </article>
  );
}
