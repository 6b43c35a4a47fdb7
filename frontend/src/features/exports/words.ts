import type { Job, JobStatus } from '@/shared/api/client';
import type { Icon } from '@/shared/ui/dom';

/** How a status looks: what wants attention is a badge in its tone, what is past is a plain word with its sign. */
export interface Look {
  label: string;
  tone: 'live' | 'idle' | 'warn' | 'fail' | 'done' | 'past';
  icon: Icon | null; // null: a dot, since it moves
}

/** The look of every status, by the design's table. */
export const looks: Record<JobStatus, Look> = {
  queued: { label: 'Queued', tone: 'idle', icon: 'clock' },
  preparing: { label: 'Preparing', tone: 'live', icon: null },
  downloading: { label: 'Downloading', tone: 'live', icon: null },
  downloading_state_events: { label: 'Downloading state events', tone: 'live', icon: null },
  completed: { label: 'Completed', tone: 'done', icon: 'check' },
  completed_with_errors: { label: 'Completed with errors', tone: 'warn', icon: 'warning' },
  failed: { label: 'Failed', tone: 'fail', icon: 'alert' },
  cancelled: { label: 'Cancelled', tone: 'past', icon: 'ban' },
  expired: { label: 'Expired', tone: 'past', icon: 'clock' },
};

/** Reports whether the job is being worked on: it has a bar. */
export function isRunning({ status }: Job): boolean {
  return looks[status].tone === 'live';
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
      return `Downloading: ${toast(bytes)} / ${toast(bytesTotal)}`;
    }
    case 'downloading_state_events':
      return 'Downloading state events...';
    case 'failed':
    case 'completed_with_errors':
      return job.error?.message ?? looks[job.status].label;
    case 'expired':
      return 'Files deleted; the receipt stays';
    case 'cancelled':
      return 'No file was kept';
    case 'completed':
      return included(job);
  }
}

/** Names what the file holds: "Attributes, Grants · Spreadsheet". */
export function included({ definition: { include, stateEvents, file } }: Job): string {
  const parts = [
    include.attributes && 'Attributes',
    include.extendedProfiles && 'Extended Profiles',
    include.foreignKeys && 'Foreign Keys',
    include.grants && 'Grants',
    stateEvents && 'State events',
  ].filter((part) => typeof part === 'string');
  return `${parts.join(', ')} · ${file?.dialect === 'spreadsheet' ? 'Spreadsheet' : 'RFC 4180'}`;
}

/** A file's size for a reader: 1 MB is 1,000,000 bytes. */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return toast(bytes).replace('MB', ' MB');
}

/** The size as the progress indicator writes it: "12.4MB". */
function toast(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)}MB`;
}
