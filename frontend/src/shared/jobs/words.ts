import type { Job, JobStatus } from '@/shared/api/client';
import { toastSize } from '@/shared/ui/format';

/** The name of every status, by the design's table. */
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

/** Reports whether the job has not ended: it waits or runs, and keeps its admin from starting another. */
export function isLive({ status }: Pick<Job, 'status'>): boolean {
  return status === 'queued' || isRunning({ status });
}

/** Reports whether the job is being worked on: it has a bar. */
export function isRunning({ status }: Pick<Job, 'status'>): boolean {
  return status === 'preparing' || status === 'downloading' || status === 'downloading_state_events';
}

/** Says how the job stands, in the product's own words while it runs and as a reason when it failed. */
export function standing(job: Job): string {
  switch (job.status) {
    case 'queued':
      return job.queuePosition === null ? 'Waiting' : `Position ${job.queuePosition} in the queue`;
    case 'preparing':
      return 'Preparing user export...';
    case 'downloading': {
      const { bytes, bytesTotal } = job.progress.users;
      return `Downloading: ${toastSize(bytes)} / ${toastSize(bytesTotal)}`;
    }
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
      return included(job);
  }
}

/** Names what the file holds: "Attributes, Grants · Spreadsheet, gzip". */
export function included({ definition: { include, stateEvents, file } }: Pick<Job, 'definition'>): string {
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
