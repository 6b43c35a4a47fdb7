import type { Job, JobFile } from '@/shared/api/client';
import type { TenantJob } from '@/shared/jobs/live';
import { isLive } from '@/shared/jobs/words';
import { counted, size, toastSize } from '@/shared/ui/format';

interface Common {
  tenant: string;
  job: Job;
  /** The product's own words. */
  title: string;
}

/** A job that waits or runs. */
export interface RunningToast extends Common {
  kind: 'running';
  /** Where the bar stands; null while it has no value. */
  percent: number | null;
  note: string;
}

/** How a job ended. */
export interface OutcomeToast extends Common {
  kind: 'done' | 'warn' | 'fail' | 'idle';
  notes: readonly string[];
  /** The files that have a download button, the primary one first. */
  downloads: readonly JobFile['kind'][];
  /** Whether the same definition can be run again from here. */
  retry: boolean;
  /** Ms after which it goes away by itself; null where it stays until it is used or dismissed. */
  leavesAfter: number | null;
}

/** What one toast shows. */
export type Toast = RunningToast | OutcomeToast;

const recent = 12 * 60 * 60 * 1000; // ms: as long as a session lives without use
const soon = 8_000; // ms
const small = 50_000; // bytes that "0.0MB" would hide

/** What is shown of all toasts. */
export interface Stack {
  /** The oldest first: the newest is at the bottom. */
  shown: readonly Toast[];
  /** How many more there are. */
  more: number;
  /** Whether jobs of several tenants are shown, so that each says whose it is. */
  named: boolean;
}

const most = 3;

/**
 * Picks the toasts of the jobs. Live jobs are always there; one that ended is there until it is dismissed, if it ended
 * after the page was opened or at most 12 hours before. So all tabs of an admin show the same, before and after a reload,
 * a page that is open loses none, and yesterday's jobs do not greet the admin.
 */
export function stackOf(jobs: readonly TenantJob[], dismissed: ReadonlySet<string>, openedAt: number): Stack {
  const all = jobs.filter(({ job }) => isLive(job) || (!dismissed.has(job.jobId) && isRecent(job, openedAt)));
  // What lives goes before what has ended, then the newer before the older: ids are ULIDs, they sort by time.
  const ranked = all.toSorted((a, b) => Number(isLive(b.job)) - Number(isLive(a.job)) || byId(b, a));
  const shown = ranked.slice(0, most).sort(byId);
  return {
    shown: shown.map(toastOf),
    more: ranked.length - shown.length,
    named: new Set(shown.map(({ tenant }) => tenant)).size > 1,
  };
}

function byId(a: TenantJob, b: TenantJob): number {
  return a.job.jobId < b.job.jobId ? -1 : 1;
}

// An expired job's files are gone: there is nothing to do about it here.
function isRecent({ status, completedAt }: Job, openedAt: number): boolean {
  return status !== 'expired' && completedAt !== null && Date.parse(completedAt) > openedAt - recent;
}

/** Says what a job's toast shows. */
export function toastOf({ tenant, job }: TenantJob): Toast {
  const running = { kind: 'running', tenant, job, percent: job.progress.percent, note: patience(job) } as const;
  const outcome = { tenant, job, downloads: [], retry: false, leavesAfter: null } as const;
  const { users } = job.progress;
  const file = job.files.find(({ kind }) => kind === 'users');
  const events = job.files.find(({ kind }) => kind === 'state_events');
  switch (job.status) {
    case 'queued': {
      const title = 'Preparing user export...';
      if (job.queuePosition === null) return { ...running, title, percent: null };
      return { ...running, title, percent: 0, note: `Position ${job.queuePosition} in the queue` };
    }
    case 'preparing':
      return { ...running, title: 'Preparing user export...', percent: null };
    case 'downloading':
      return { ...running, title: `Downloading: ${toastSize(users.bytes)} / ${toastSize(users.bytesTotal)}` };
    case 'downloading_state_events': {
      const note = `The users file is finished: ${fileSize(users.bytes)}`;
      return { ...running, title: 'Downloading state events...', note };
    }
    case 'completed': {
      const title = events ? 'All exports complete!' : 'Export complete!';
      if (job.mode === 'sync') {
        return { ...outcome, kind: 'done', title, notes: ['Saved to your Downloads folder'], leavesAfter: soon };
      }
      const both = file && events && `Users, ${fileSize(file.bytes)}. State events, ${fileSize(events.bytes)}.`;
      const notes = both ? [both] : held(file);
      return { ...outcome, kind: 'done', title, notes, downloads: job.files.map(({ kind }) => kind).sort(usersFirst) };
    }
    case 'completed_with_errors': {
      const title = 'State events export failed.';
      if (job.mode === 'sync') {
        return { ...outcome, kind: 'warn', title, notes: ['Check your Downloads folder for the user data CSV.'] };
      }
      const notes = [...reason(job), ...held(file).map((words) => `The users file is good: ${words}`)];
      return { ...outcome, kind: 'warn', title, notes, downloads: file ? ['users'] : [] };
    }
    case 'failed': {
      const notes = [...reason(job), 'Check your internet connection and retry.'];
      return { ...outcome, kind: 'fail', title: 'Export failed. Please try again.', notes, retry: true };
    }
    case 'cancelled':
    case 'expired':
      return { ...outcome, kind: 'idle', title: 'Export cancelled', notes: ['No file was kept.'], leavesAfter: soon };
  }
}

function patience({ mode }: Job): string {
  const words = 'Large exports may take several minutes';
  if (mode === 'async') return words;
  return `${words}. Keep the browser tab open until the export finishes; closing it will cancel the process.`;
}

function reason({ error }: Job): string[] {
  return error ? [error.message] : [];
}

function held(file: JobFile | undefined): string[] {
  return file ? [`${counted(file.rows, 'row')}, ${fileSize(file.bytes)}`] : [];
}

function usersFirst(a: JobFile['kind'], b: JobFile['kind']): number {
  return Number(b === 'users') - Number(a === 'users');
}

function fileSize(bytes: number): string {
  return bytes < small ? size(bytes) : toastSize(bytes);
}
