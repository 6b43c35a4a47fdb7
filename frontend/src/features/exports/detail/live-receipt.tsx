import type { FileProgress, Job } from '@/api/client';
import { waitingState } from '@/jobs/retry-text';
import { statusText } from '@/jobs/status';
import { CellBar } from '@/shared/ui/cell-bar';
import { count } from '@/shared/ui/format';
import { remainingText } from '../text/job-text';
import { ReceiptFigure } from './receipt';
import classes from './receipt.module.css';
import { Section } from './section';

/** LiveReceipt replaces the receipt while the job runs: a progress bar and four growing figures. */
export function LiveReceipt({ job, now }: { job: Job; now: Date }) {
  const waiting = waitingState(job, now);
  const { percent, users, rowsPerSecond } = job.progress;
  const begun = job.status !== 'queued' && job.status !== 'preparing';
  const left = remainingText(job);
  return (
    <Section
      title="Receipt"
      aside={
        begun && rowsPerSecond > 0 ? `${count(Math.round(rowsPerSecond))} rows/s` : 'It fills in as the file is written'
      }
    >
      <div className={classes.receipt}>
        <div className={classes.progress}>
          <p className={classes.standing}>
            <b>{waiting ?? statusText(job)}</b>
            {begun && (
              <span>
                <b>{percent}%</b>
                {left && !waiting && ` · ${left}`}
              </span>
            )}
          </p>
          <CellBar
            label="Progress"
            percent={begun || waiting ? percent : null}
            tone={waiting ? 'warn' : 'live'}
            bytes={users.bytes}
            bytesTotal={users.bytesTotal}
          />
        </div>
        <dl className={classes.figures}>
          <ReceiptFigure label="Rows" {...filling(users.rows, users.rowsTotal, users)} />
          <ReceiptFigure label="Users" {...filling(users.users, users.usersTotal, users)} />
          <ReceiptFigure label="Columns" value={job.columns ? count(job.columns) : '–'} note="" />
          <ReceiptFigure label="Bytes" {...filling(users.bytes, users.bytesTotal, users)} />
        </dl>
      </div>
    </Section>
  );
}

// Returns a figure so far and its total, which is exact or an estimate.
function filling(done: number, total: number, { bytesTotalExact }: FileProgress) {
  const note = total ? `of ${bytesTotalExact ? '' : 'about '}${count(total)}` : '';
  return { value: done || total ? count(done) : '–', note };
}
