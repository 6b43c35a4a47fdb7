import type { Job } from '@/api/client';
import { clock, count, counted, duration } from '@/shared/ui/format';

/** One of the figures that the chevron expands. */
export interface Detail {
  name: string;
  value: string;
}

/** Returns the figures of a queued or running job. An unknown figure says so. */
export function detailsOf({ status, startedAt, progress }: Job, zone?: string): readonly Detail[] {
  const { rows, rowsTotal, bytesTotalExact } = progress.users;
  const about = bytesTotalExact ? '' : 'about ';
  const downloading = status === 'downloading' || status === 'downloading_state_events';
  const eta = progress.etaSeconds;
  return [
    {
      name: 'Rows',
      value: rowsTotal > 0 ? `${count(rows)} of ${about}${count(Math.max(rows, rowsTotal))}` : 'Not counted yet',
    },
    {
      name: 'Speed',
      value:
        downloading && progress.rowsPerSecond > 0
          ? `${count(Math.round(progress.rowsPerSecond))} rows/s`
          : 'Not known yet',
    },
    { name: 'Time left', value: eta === null ? 'Not known yet' : `about ${duration(eta)}` },
    { name: 'Started', value: startedAt === null ? 'Not yet' : clock(startedAt, zone) },
  ];
}

/** Returns what is lost by a cancel. */
export function lossText({ progress }: Job): string {
  const { rows } = progress.users;
  const none = 'No file will be kept.';
  return rows > 0 ? `${counted(rows, 'row is', 'rows are')} written. ${none}` : none;
}
