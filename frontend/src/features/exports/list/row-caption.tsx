import type { Job } from '@/api/client';
import { retryText } from '@/jobs/retry-text';
import { isRunning } from '@/jobs/status';
import { CellBar } from '@/shared/ui/cell-bar';
import { captionText, remainingText } from '../text/job-text';
import classes from './job-row.module.css';

/** SecondLine is the line below a row's title: a text, or the progress bar of a running job. */
export function RowCaption({ job, now, zone }: { job: Job; now: Date; zone: string }) {
  if (!isRunning(job)) {
    return <div className={classes.why}>{captionText(job, zone, now)}</div>;
  }
  const waits = retryText(job, now, zone);
  if (waits) {
    return (
      <div className={classes.why} data-waits="" title={waits}>
        {waits}
      </div>
    );
  }
  const { percent, users } = job.progress;
  const begun = job.status !== 'preparing';
  const left = remainingText(job);
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
