import type { Job, JobStatus } from '@/api/client';
import { shownProgress, toastSize } from '@/shared/ui/format';

/** The displayed name of each status. */
export const statusNames: Record<JobStatus, string> = {
  queued: 'Queued',
  preparing: 'Preparing',
  downloading: 'Downloading',
  downloading_state_events: 'Downloading state events',
  completed: 'Completed',
  completed_with_errors: 'Completed with errors',
  failed: 'Failed',
  cancelled: 'Cancelled',
  expired: 'Expired',
};

/** Reports whether the job waits or runs. A live job blocks its admin's next one. */
export function isLive({ status }: Pick<Job, 'status'>): boolean {
  return status === 'queued' || isRunning({ status });
}

/** Reports whether a worker runs the job, so that it has a progress bar. */
export function isRunning({ status }: Pick<Job, 'status'>): boolean {
  return status === 'preparing' || status === 'downloading' || status === 'downloading_state_events';
}

/**
 * Returns the job's status as a text: the specification's text while it runs, the reason if it
 * failed.
 */
export function statusText(job: Job): string {
  switch (job.status) {
    case 'queued':
      return job.queuePosition === null ? 'Waiting' : `Position ${job.queuePosition} in the queue`;
    case 'preparing':
      return 'Preparing user export...';
    case 'downloading':
      return downloadingText(job.progress);
    case 'downloading_state_events':
      return 'Downloading state events...';
    case 'failed':
    case 'completed_with_errors':
      return job.error?.message ?? statusNames[job.status];
    case 'expired':
      return 'Files deleted; the receipt stays';
    case 'cancelled':
      return 'No file was kept';
    case 'completed':
      return contentsText(job);
  }
}

const smallestTotal = 50_000; // bytes; toastSize shows less as "0.0MB"

/**
 * Returns the specification's text of the download. Its total is at least 0.1MB. Below 100 percent the file is not
 * verified yet, so less than the total has arrived.
 */
export function downloadingText({ percent, users: { bytes, bytesTotal } }: Job['progress']): string {
  const shown = shownProgress(bytes, Math.max(bytesTotal, smallestTotal), percent === 100);
  return `Downloading: ${toastSize(shown.bytes)} / ${toastSize(shown.total)}`;
}

/** Returns the contents and format of the file: "Attributes, Grants · Spreadsheet, gzip". */
export function contentsText({ definition: { include, stateEvents, file } }: Pick<Job, 'definition'>): string {
  const parts = [
    include.attributes && 'Attributes',
    include.extendedProfiles && 'Extended Profiles',
    include.foreignKeys && 'Foreign Keys',
    include.grants && 'Grants',
    stateEvents && 'State events',
  ].filter((part) => typeof part === 'string');
  const dialect = file?.dialect === 'spreadsheet' ? 'Spreadsheet' : 'RFC 4180';
  const compression = file && file.compression !== 'none' ? `, ${file.compression}` : '';
  return `${parts.join(', ')} · ${dialect}${compression}`;
}
