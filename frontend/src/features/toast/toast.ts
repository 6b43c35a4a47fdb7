import type { Job, JobFile } from '@/api/client';
import type { Download, Offer } from '@/downloads/store';
import type { TenantJob } from '@/jobs/live';
import { isLive } from '@/jobs/status';
import { counted, size, toastSize } from '@/shared/ui/format';

/** A job and this tab's part in it. */
export interface TabJob extends TenantJob {
  /** This tab's download of the job, if any. */
  download?: Download | undefined;
  /** This tab is starting an export in that tenant, so the job is probably its own. */
  starting?: boolean;
}

interface Common {
  tenant: string;
  job: Job;
  /** The text of the specification. */
  title: string;
}

/** A job that waits or runs. */
export interface RunningToast extends Common {
  kind: 'running';
  /** The value of the progress bar, 0 to 100; null while it is unknown. */
  percent: number | null;
  note: string;
}

/** A job that has ended. */
export interface OutcomeToast extends Common {
  kind: 'done' | 'warn' | 'fail' | 'idle';
  notes: readonly string[];
  /** The files that have a download button, the primary one first. */
  downloads: readonly JobFile['kind'][];
  /** Files that this browser holds. A click saves them. */
  offers: readonly Offer[];
  /** The button that runs the same definition again; null if running it again makes no sense. */
  retry: 'Retry' | 'Run again' | null;
  /**
   * Milliseconds until the toast closes by itself; null if it stays until it is used or dismissed.
   */
  closesAfter: number | null;
}

/** The content of one toast. */
export type Toast = RunningToast | OutcomeToast;

const failed = 'Export failed. Please try again.';
const connection = 'Check your internet connection and retry.';
const durationHint = 'Large exports may take several minutes';
const inMemory = 'This browser holds the file in memory: 500 MB at most.';
const recentPeriod = 12 * 60 * 60 * 1000; // ms; an unused session lives as long
const closeDelay = 8_000; // ms
const smallSize = 50_000; // bytes; megabytes would show less as "0.0MB"

/** The visible toasts. */
export interface Stack {
  /** Oldest first, so the newest is at the bottom. */
  shown: readonly Toast[];
  /** The number of hidden toasts. */
  more: number;
  /** Whether the jobs belong to several tenants, so that each toast names its tenant. */
  named: boolean;
}

const maxToasts = 3;

/**
 * Returns the toasts of the jobs. A live job always has one. An ended job has one until it is
 * dismissed, provided that it ended after the page was opened or at most 12 hours before. So all
 * tabs of an admin show the same toasts, also after a reload; an open page loses no toast; and
 * yesterday's jobs do not appear.
 */
export function stackOf(jobs: readonly TabJob[], dismissed: ReadonlySet<string>, openedAt: number): Stack {
  const all = jobs.filter((one) => lives(one) || (!dismissed.has(one.job.jobId) && isRecent(one, openedAt)));
  // Live jobs first, then newer before older: ids are ULIDs, so they sort by time.
  const ranked = all.toSorted((a, b) => Number(lives(b)) - Number(lives(a)) || byId(b, a));
  const shown = ranked.slice(0, maxToasts).sort(byId);
  return {
    shown: shown.map(toastOf),
    more: ranked.length - shown.length,
    named: new Set(shown.map(({ tenant }) => tenant)).size > 1,
  };
}

function byId(a: TenantJob, b: TenantJob): number {
  return a.job.jobId < b.job.jobId ? -1 : 1;
}

function lives(one: TabJob): boolean {
  return isLive(one.job) && !isBroken(one);
}

/**
 * Reports whether the file did not arrive in this tab, although the job does not say so: the server
 * may not know yet, or may have recorded a cancel. It is false for a failed job, because that job's
 * own error says more.
 */
export function isBroken({ job, download }: TabJob): boolean {
  if (download?.phase !== 'broken') return false;
  return isLive(job) || job.status === 'cancelled' || job.status === 'completed';
}

function isRecent(one: TabJob, openedAt: number): boolean {
  const { completedAt } = one.job;
  return isBroken(one) || (completedAt !== null && Date.parse(completedAt) > openedAt - recentPeriod);
}

/** Returns the content of a job's toast. */
export function toastOf(one: TabJob): Toast {
  const { tenant, job, download } = one;
  const running = { kind: 'running', tenant, job, percent: job.progress.percent, note: waitingNote(one) } as const;
  const offers = download?.offers ?? [];
  const outcome = { tenant, job, downloads: [], offers, retry: null, closesAfter: null } as const;
  if (isBroken(one)) {
    const notes = [download?.problem || connection];
    return { ...outcome, kind: 'fail', title: failed, notes, retry: 'Retry' };
  }
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
        // The toast stays while a file is not saved yet.
        const unsaved = offers.some(({ saved }) => !saved);
        return {
          ...outcome,
          kind: 'done',
          title,
          notes: [savedNote(download)],
          closesAfter: unsaved ? null : closeDelay,
        };
      }
      const both = file && events && `Users, ${fileSize(file.bytes)}. State events, ${fileSize(events.bytes)}.`;
      const notes = both ? [both] : contents(file);
      return { ...outcome, kind: 'done', title, notes, downloads: job.files.map(({ kind }) => kind).sort(usersFirst) };
    }
    case 'completed_with_errors': {
      const title = 'State events export failed.';
      if (job.mode === 'sync') {
        const notes = [...problemsOf(download), 'Check your Downloads folder for the user data CSV.'];
        return { ...outcome, kind: 'warn', title, notes };
      }
      const notes = [...reason(job), ...contents(file).map((words) => `The users file is good: ${words}`)];
      return { ...outcome, kind: 'warn', title, notes, downloads: file ? ['users'] : [] };
    }
    case 'failed':
      return { ...outcome, kind: 'fail', title: failed, notes: [...reason(job), connection], retry: 'Retry' };
    case 'expired': {
      const notes = ['The files were deleted. Run it again to make new ones.'];
      return { ...outcome, kind: 'idle', title: 'Export expired', notes, retry: 'Run again' };
    }
    case 'cancelled':
      return {
        ...outcome,
        kind: 'idle',
        title: 'Export cancelled',
        notes: ['No file was kept.'],
        closesAfter: closeDelay,
      };
  }
}

function waitingNote({ job, download, starting }: TabJob): string {
  if (job.mode === 'async') return durationHint;
  if (!download && !starting)
    return `${durationHint}. It runs in another tab; closing that tab will cancel the process.`;
  const keep = `${durationHint}. Keep the browser tab open until the export finishes; closing it will cancel the process.`;
  return download?.held === 'memory' ? `${keep} ${inMemory}` : keep;
}

function savedNote(download: Download | undefined): string {
  const unsaved = download?.offers.find(({ saved }) => !saved);
  if (unsaved) return `${unsaved.name} is not saved yet.`;
  return download?.chosen ? `Saved as ${download.chosen}` : 'Saved to your Downloads folder';
}

function problemsOf(download: Download | undefined): string[] {
  return download?.problem ? [download.problem] : [];
}

function reason({ error }: Job): string[] {
  return error ? [error.message] : [];
}

function contents(file: JobFile | undefined): string[] {
  return file ? [`${counted(file.rows, 'row')}, ${fileSize(file.bytes)}`] : [];
}

function usersFirst(a: JobFile['kind'], b: JobFile['kind']): number {
  return Number(b === 'users') - Number(a === 'users');
}

function fileSize(bytes: number): string {
  return bytes < smallSize ? size(bytes) : toastSize(bytes);
}
