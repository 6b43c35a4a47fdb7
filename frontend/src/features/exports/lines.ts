import type { Job } from '@/shared/api/client';
import { included, isLive, isRunning } from '@/shared/jobs/words';
import { clock, count, counted, duration, size } from '@/shared/ui/format';
import { dayBefore, dayOf, shortDay } from './dates';

const none = '–';
const savedThere = 'Saved by the browser that ran it; no copy is kept';
const day = 24 * 60 * 60; // seconds

/** A cell of two lines; the second is a caption, or empty. */
export interface Lines {
  first: string;
  second: string;
}

/** The line under a job's title: the reason if there is one, else what is included. A running job has its bar there. */
export function secondLine(job: Job, zone: string, now: Date): string {
  switch (job.status) {
    case 'queued':
      return job.queuePosition === null ? 'Waiting' : `Position ${job.queuePosition} in the queue`;
    case 'failed':
      return `${job.error?.message ?? 'Export failed.'} No file was kept.`;
    case 'completed_with_errors':
      return job.mode === 'sync'
        ? `State events export failed. ${savedThere}`
        : 'State events export failed. The users file is good.';
    case 'cancelled':
      return `${cancelled(job).replace(/^./, (c) => c.toUpperCase())}. No file was kept.`;
    case 'expired':
      return expiredLine(job, zone, now);
    default:
      return job.mode === 'sync' && job.status === 'completed' ? savedThere : included(job);
  }
}

/** Who cancelled a job, and how far it was: "by priya.nair@example.com, at 214,003 rows". */
export function cancelled({ cancelledBy, progress: { users }, startedAt }: Job): string {
  const rows = users.rows > 0 ? `at ${counted(users.rows, 'row')}` : 'before the first row';
  const far = startedAt ? rows : 'before it began';
  return cancelledBy ? `by ${cancelledBy}, ${far}` : far;
}

/** What cancelling a live job gives up. */
export function lossOf({ progress: { users } }: Job): string {
  if (users.rows === 0) return 'Nothing is written yet.';
  return `${counted(users.rows, 'row is', 'rows are')} written. No file will be kept.`;
}

function expiredLine({ completedAt, history, expiresAt }: Job, zone: string, now: Date): string {
  const deleted = history.findLast(({ kind }) => kind === 'expired')?.time ?? expiresAt;
  const parts = [
    completedAt && `Completed ${shortDay(completedAt, zone, now)}`,
    deleted && `files deleted ${shortDay(deleted, zone, now)}`,
  ];
  return parts.filter(Boolean).join(', ');
}

/** Percent and the time that is left: the words beside a running job's bar. */
export function remaining({ progress: { etaSeconds } }: Job): string {
  return etaSeconds === null ? '' : `${duration(etaSeconds)} left`;
}

/** When a job began and how long it took or takes. */
export function started(job: Job, zone: string, now: Date): Lines {
  const at = job.startedAt ?? job.createdAt;
  const recent = dayOf(job.createdAt, zone) >= dayBefore(dayOf(now, zone)) || isLive(job);
  return { first: recent ? clock(at, zone) : shortDay(at, zone, now), second: took(job, now) };
}

/** How long a job took, or takes so far. */
export function took(job: Job, now: Date): string {
  if (job.status === 'queued') return 'waiting';
  if (!job.startedAt) return '';
  const end = isLive(job) ? now : new Date(job.completedAt ?? job.startedAt);
  const seconds = (end.getTime() - new Date(job.startedAt).getTime()) / 1_000;
  if (isLive(job)) return `${duration(seconds)} so far`;
  return seconds < 1 ? 'under 1 s' : duration(seconds);
}

/** How many rows the file has, or has so far; a dash where there is none. */
export function rows(job: Job): string {
  const file = usersFile(job);
  if (file) return count(file.rows);
  return isRunning(job) && job.progress.users.rows > 0 ? count(job.progress.users.rows) : none;
}

/** The file's size; of a running job what is written, and of how much. */
export function sizes(job: Job): Lines {
  const file = usersFile(job);
  if (file) return { first: size(file.bytes), second: '' };
  const { bytes, bytesTotal, bytesTotalExact } = job.progress.users;
  if (!isRunning(job) || bytes === 0) return { first: none, second: '' };
  if (!bytesTotal) return { first: size(bytes), second: '' };
  const [total] = size(bytesTotal).split(' '); // the unit is the first line's, too
  return { first: size(bytes, bytesTotal), second: `of ${bytesTotalExact ? '' : 'about '}${total}` };
}

/** The users file of a job, once it is proven. */
export function usersFile({ files }: Pick<Job, 'files'>) {
  return files.find(({ kind }) => kind === 'users');
}

/** Which door a job came through, as a caption and in a sentence. */
export const origins = {
  console: { caption: 'Console', phrase: 'from the console' },
  api: { caption: 'Key pair', phrase: 'with a key pair' },
} as const;

/** How long files are kept: "7 days", and "36 h" where days would not say it exactly. */
export function keptFor(seconds: number): string {
  return seconds % day === 0 ? counted(seconds / day, 'day') : duration(seconds);
}
