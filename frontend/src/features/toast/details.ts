import type { Job } from '@/shared/api/client';
import { clock, count, counted, duration } from '@/shared/ui/format';

/** One of the figures behind the chevron. */
export interface Detail {
  name: string;
  value: string;
}

/** The figures of a job that waits or runs. What is not known yet says so. */
export function detailsOf({ status, startedAt, progress }: Job, zone?: string): readonly Detail[] {
  const { rows, rowsTotal } = progress.users;
  const moves = status === 'downloading' || status === 'downloading_state_events';
  const eta = progress.etaSeconds;
  return [
    {
      name: 'Rows',
      value: rowsTotal > 0 ? `${count(rows)} of ${count(Math.max(rows, rowsTotal))}` : 'Not counted yet',
    },
    {
      name: 'Speed',
      value:
        moves && progress.rowsPerSecond > 0 ? `${count(Math.round(progress.rowsPerSecond))} rows/s` : 'Not known yet',
    },
    { name: 'Time left', value: eta === null ? 'Not known yet' : `about ${duration(eta)}` },
    { name: 'Started', value: startedAt === null ? 'Not yet' : clock(startedAt, zone) },
  ];
}

/** What a cancel gives up. */
export function lossOf({ progress }: Job): string {
  const { rows } = progress.users;
  const none = 'No file will be kept.';
  return rows > 0 ? `${counted(rows, 'row is', 'rows are')} written. ${none}` : none;
}
