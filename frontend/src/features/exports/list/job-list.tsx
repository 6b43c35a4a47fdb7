import { useMediaQuery } from '@mantine/hooks';
import { useState } from 'react';
import type { Job } from '@/api/client';
import { useMe, useRole } from '@/api/me';
import { isLive } from '@/jobs/status';
import { useNow } from '@/shared/ui/use-now';
import { actionsOf } from '../actions/actions';
import { useJobActions } from '../actions/use-job-actions';
import classes from './exports-page.module.css';
import { groupJobs, type HeldLive, held } from './groups';
import { JobRow } from './job-row';
import { JobTable } from './job-table';

/** JobList shows the jobs in groups, each with the actions that this admin may take. */
export function JobList({ tenant, jobs, zone }: { tenant: string; jobs: readonly Job[]; zone: string }) {
  const now = useNow(jobs.some(isLive));
  const email = useMe().data?.email ?? '';
  const role = useRole(tenant);
  const narrow = useMediaQuery('(max-width: 767px)', false) ?? false;
  const actions = useJobActions(tenant);
  const [order, setOrder] = useState<HeldLive>(null);
  // A job that becomes live while the pointer is over the list gets its place now and keeps it when
  // it ends.
  const next = order && held(jobs, order);
  if (order && next && next.join() !== order.join()) setOrder(next);

  const groups = groupJobs(jobs, now, zone, order);
  if (groups.length === 0) return null;
  return (
    <div className={classes.list}>
      <JobTable
        groups={groups}
        onPointer={(over) => setOrder(over ? held(jobs, null) : null)}
        row={(job) => (
          <JobRow
            key={job.jobId}
            tenant={tenant}
            job={job}
            now={now}
            zone={zone}
            narrow={narrow}
            actions={actionsOf(job, { email, role })}
            running={actions.running(job.jobId)}
            offline={actions.offline}
            problem={actions.problem?.jobId === job.jobId ? actions.problem : null}
            onAction={actions.run}
          />
        )}
      />
    </div>
  );
}
