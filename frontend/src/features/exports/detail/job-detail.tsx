import type { Job } from '@/api/client';
import { tenantName, useMe, useRole } from '@/api/me';
import { isLive } from '@/jobs/status';
import { useTimeZone } from '@/shared/ui/time';
import { useTitle } from '@/shared/ui/title';
import { useNow } from '@/shared/ui/use-now';
import { actionsOf } from '../actions/actions';
import { useJobActions } from '../actions/use-job-actions';
import { DefinitionSection } from './definition-section';
import { JobHead } from './job-head';
import { FailureNote, NoFile, Notes, RetryNote } from './job-notes';
import classes from './job-page.module.css';
import { LiveReceipt } from './live-receipt';
import { mailNotes, notesOf } from './notes';
import { Receipt } from './receipt';
import { Throughput } from './throughput-cells';
import { timeline } from './timeline';
import { Timeline } from './timeline-list';

interface Props {
  tenant: string;
  job: Job;
  /** Called with the job that "Run again" created. */
  onStarted: (job: Job) => void;
}

/** JobDetail shows a job in full: its status, receipt, definition and timeline. */
export function JobDetail({ tenant, job, onStarted }: Props) {
  const zone = useTimeZone();
  const now = useNow(isLive(job));
  const me = useMe().data;
  const role = useRole(tenant);
  useTitle(`${job.words} · ${tenantName(me, tenant)}`);
  const actions = useJobActions(tenant, onStarted);
  return (
    <article className={classes.page}>
      <JobHead
        tenant={tenant}
        job={job}
        now={now}
        actions={actionsOf(job, { email: me?.email ?? '', role })}
        running={actions.running(job.jobId)}
        offline={actions.offline}
        problem={actions.problem}
        onAction={actions.run}
      />
      <div className={classes.detail}>
        <div className={classes.main}>
          {isLive(job) && job.retry && <RetryNote job={job} now={now} />}
          {isLive(job) && <LiveReceipt job={job} now={now} />}
          {job.status === 'failed' && <FailureNote job={job} />}
          {job.status === 'cancelled' && <NoFile job={job} />}
          {job.files.map((file) => (
            <Receipt key={file.kind} tenant={tenant} job={job} file={file} />
          ))}
          <Notes notes={[...notesOf(job, zone), ...mailNotes(job, me?.outbox ?? false, zone)]} />
          <DefinitionSection words={job.words} definition={job.definition} />
          <Throughput job={job} />
        </div>
        <Timeline steps={timeline(job)} />
      </div>
    </article>
  );
}
