import type { Job, JobFile } from '@/shared/api/client';
import type { Download, Offer } from '@/shared/downloads/store';
import type { TenantJob } from '@/shared/jobs/live';
import { isLive } from '@/shared/jobs/words';
import { counted, size, toastSize } from '@/shared/ui/format';

/** A job, and what this tab has to do with it. */
export interface TabJob extends TenantJob {
  /** What this tab receives of it, or has received. */
  download?: Download | undefined;
  /** This tab is just starting an export in that tenant: the job is likely its own. */
  starting?: boolean;
}

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
  /** Files that this browser holds and that a click saves. */
  offers: readonly Offer[];
  /** What runs the same definition again; null where that is no use. */
  retry: 'Retry' | 'Run again' | null;
  /** Ms after which it goes away by itself; null where it stays until it is used or dismissed. */
  leavesAfter: number | null;
}

/** What one toast shows. */
export type Toast = RunningToast | OutcomeToast;

const failed = 'Export failed. Please try again.';
const connection = 'Check your internet connection and retry.';
const patient = 'Large exports may take several minutes';
const inMemory = 'This browser holds the file in memory: 500 MB at most.';
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
export function stackOf(jobs: readonly TabJob[], dismissed: ReadonlySet<string>, openedAt: number): Stack {
  const all = jobs.filter((one) => lives(one) || (!dismissed.has(one.job.jobId) && isRecent(one, openedAt)));
  // What lives goes before what has ended, then the newer before the older: ids are ULIDs, they sort by time.
  const ranked = all.toSorted((a, b) => Number(lives(b)) - Number(lives(a)) || byId(b, a));
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

function lives(one: TabJob): boolean {
  return isLive(one.job) && !isBroken(one);
}

/**
 * Reports whether the file did not arrive in this tab, whatever the server makes of that: it may not know yet, or take it
 * for a cancel. A job that failed says more itself.
 */
export function isBroken({ job, download }: TabJob): boolean {
  if (download?.phase !== 'broken') return false;
  return isLive(job) || job.status === 'cancelled' || job.status === 'completed';
}

function isRecent(one: TabJob, openedAt: number): boolean {
  const { completedAt } = one.job;
  return isBroken(one) || (completedAt !== null && Date.parse(completedAt) > openedAt - recent);
}

/** Says what a job's toast shows. */
export function toastOf(one: TabJob): Toast {
  const { tenant, job, download } = one;
  const running = { kind: 'running', tenant, job, percent: job.progress.percent, note: patience(one) } as const;
  const offers = download?.offers ?? [];
  const outcome = { tenant, job, downloads: [], offers, retry: null, leavesAfter: null } as const;
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
        // A file that nobody has saved yet waits for that.
        const waits = offers.some(({ saved }) => !saved);
        return { ...outcome, kind: 'done', title, notes: [placeOf(download)], leavesAfter: waits ? null : soon };
      }
      const both = file && events && `Users, ${fileSize(file.bytes)}. State events, ${fileSize(events.bytes)}.`;
      const notes = both ? [both] : held(file);
      return { ...outcome, kind: 'done', title, notes, downloads: job.files.map(({ kind }) => kind).sort(usersFirst) };
    }
    case 'completed_with_errors': {
      const title = 'State events export failed.';
      if (job.mode === 'sync') {
        const notes = [...problemsOf(download), 'Check your Downloads folder for the user data CSV.'];
        return { ...outcome, kind: 'warn', title, notes };
      }
      const notes = [...reason(job), ...held(file).map((words) => `The users file is good: ${words}`)];
      return { ...outcome, kind: 'warn', title, notes, downloads: file ? ['users'] : [] };
    }
    case 'failed':
      return { ...outcome, kind: 'fail', title: failed, notes: [...reason(job), connection], retry: 'Retry' };
    case 'expired': {
      const notes = ['The files were deleted. Run it again to make new ones.'];
      return { ...outcome, kind: 'idle', title: 'Export expired', notes, retry: 'Run again' };
    }
    case 'cancelled':
      return { ...outcome, kind: 'idle', title: 'Export cancelled', notes: ['No file was kept.'], leavesAfter: soon };
  }
}

function patience({ job, download, starting }: TabJob): string {
  if (job.mode === 'async') return patient;
  if (!download && !starting) return `${patient}. It runs in another tab; closing that one will cancel the process.`;
  const keep = `${patient}. Keep the browser tab open until the export finishes; closing it will cancel the process.`;
  return download?.held === 'memory' ? `${keep} ${inMemory}` : keep;
}

function placeOf(download: Download | undefined): string {
  const waiting = download?.offers.find(({ saved }) => !saved);
  if (waiting) return `${waiting.name} waits to be saved.`;
  return download?.chosen ? `Saved as ${download.chosen}` : 'Saved to your Downloads folder';
}

function problemsOf(download: Download | undefined): string[] {
  return download?.problem ? [download.problem] : [];
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
