import { useMyLiveJob } from '@/shared/jobs/live';
import classes from './navigation.module.css';

/** How far this admin's live export is: a dot and its percentage; nothing where none lives. */
export function LiveBadge({ tenant }: { tenant: string }) {
  const job = useMyLiveJob(tenant);
  if (!job) return null;
  return (
    <span className={classes.badge}>
      <span className={classes.pulse} aria-hidden="true" />
      {job.status === 'queued' ? 'Queued' : `${job.progress.percent}%`}
    </span>
  );
}
