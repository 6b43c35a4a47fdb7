import type { Job, JobFile } from '@/api/client';
import type { Download, Offer } from '@/downloads/store';
import type { TenantJob } from '@/jobs/live';
import { downloadingText, isLive } from '@/jobs/status';
import { clipped, clock, counted, day, moment, size, toastSize } from '@/shared/ui/format';

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
  /** Which export it is, for texts and names of buttons: "Country is GB, 20:36". */
  subject: string;
  /** The text of the specification. */
  title: string;
}

/** A job that waits or runs. */
export interface RunningToast extends Common {
  kind: 'running';
  /** The value of the progress bar, 0 to 100; null while it is unknown. */
  percent: number | null;
  note: string;
  /** Whether the job waits, or retries, for the reason in its `retry`. */
  waits: boolean;
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
const ourSide = 'The cause is on our side, not your connection.';
// The failures that a change of the definition prevents.
const theirs: ReadonlySet<string> = new Set(['file_too_large', 'filter_too_broad', 'invalid_request']);
const durationHint = 'Large exports may take several minutes';
const inMemory = 'This browser holds the file in memory: 500 MB at most.';
const closeDelay = 8_000; // ms
const longestSubject = 160; // characters
const smallSize = 50_000; // bytes; megabytes would show less as "0.0MB"

/**
 * Reports whether the file did not arrive in this tab, although the job does not say so: the server
 * may not know yet, or may have recorded a cancel. It is false for a failed job, because that job's
 * own error says more.
 */
export function isBroken({ job, download }: TabJob): boolean {
  if (download?.phase !== 'broken') return false;
  return isLive(job) || job.status === 'cancelled' || job.status === 'completed';
}

/**
 * Returns why a live job waits; null if it does not. The tab that receives a file does not wait for
 * itself.
 */
export function waitsFor({ job, download, starting }: TabJob): Job['retry'] {
  if (!isLive(job) || !job.retry) return null;
  const mine = download !== undefined || starting;
  return mine && job.retry.reason === 'file_unconfirmed' ? null : job.retry;
}

/** Returns which export a job is, with its time: "Country is GB, 20:36". */
export function subjectOf({ words, createdAt }: Job, now = new Date(), zone?: string): string {
  const today = day(createdAt, zone) === day(now, zone);
  return `${clipped(words, longestSubject)}, ${today ? clock(createdAt, zone) : moment(createdAt, zone)}`;
}

/** Returns the content of a job's toast. */
export function toastOf(one: TabJob): Toast {
  const { tenant, job, download } = one;
  const common = { tenant, job, subject: subjectOf(job) };
  const waits = waitsFor(one) !== null;
  const running = { ...common, kind: 'running', percent: job.progress.percent, note: waitingNote(one), waits } as const;
  const offers = download?.offers ?? [];
  const outcome = { ...common, downloads: [], offers, retry: null, closesAfter: null } as const;
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
      return { ...running, title: downloadingText(job.progress) };
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
      return {
        ...outcome,
        kind: 'fail',
        title: failed,
        notes: [...reason(job), ...blame(job), connection],
        retry: 'Retry',
      };
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

// The specification's sentence speaks of the connection, so the note says where the fault was.
function blame({ error, mode }: Job): string[] {
  if (!error || (mode === 'sync' && error.code === 'verification_failed')) return [];
  return theirs.has(error.code) ? [] : [ourSide];
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
