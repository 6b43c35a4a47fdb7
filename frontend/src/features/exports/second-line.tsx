import type { Job } from '@/shared/api/client';
import { isRunning } from '@/shared/jobs/words';
import { CellBar } from '@/shared/ui/cell-bar';
import classes from './job-row.module.css';
import { remaining, secondLine } from './lines';

/** What stands under a row's title: words, or the bar of a running job. */
export function SecondLine({ job, now, zone }: { job: Job; now: Date; zone: string }) {
  if (!isRunning(job)) {
    return <div className={classes.why}>{secondLine(job, zone, now)}</div>;
  }
  const { percent, users } = job.progress;
  const begun = job.status !== 'preparing';
  const left = remaining(job);
  return (
    <div className={classes.progress}>
      <CellBar
        thin
        className={classes.bar}
        label={`Progress: ${job.words}`}
        percent={begun ? percent : null}
        bytes={users.bytes}
        bytesTotal={users.bytesTotal}
      />
      <span>
        {begun && <b>{percent}%</b>}
        {begun && left && ` · ${left}`}
        {!begun && 'Preparing'}
      </span>
    </div>
  );
}
