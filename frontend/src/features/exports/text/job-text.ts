import type { Job } from '@/api/client';
import { retryText } from '@/jobs/retry-text';
import { contentsText, isLive, isRunning } from '@/jobs/status';
import { own } from '@/shared/own';
import { clock, count, counted, duration, size } from '@/shared/ui/format';
import { dayBefore, dayOf, shortDay } from './dates';

const none = '–';
const savedInBrowser = 'Saved by the browser that started it; the server keeps no copy';

/** A cell of two lines; the second is a caption, or empty. */
export interface Lines {
  first: string;
  second: string;
}

/**
 * Returns the line below a job's title: its reason, or else its contents. A running job shows a bar
 * instead.
 */
export function captionText(job: Job, zone: string, now: Date): string {
  switch (job.status) {
    case 'queued':
      if (job.retry) return retryText(job, now, zone) ?? '';
      return job.queuePosition === null ? 'Waiting' : `Position ${job.queuePosition} in the queue`;
    case 'failed':
      return `${job.error?.message ?? 'Export failed.'} No file was kept.`;
    case 'completed_with_errors':
      return job.mode === 'sync'
        ? `State events export failed. ${savedInBrowser}`
        : 'State events export failed. The users file is good.';
    case 'cancelled':
      return `${cancelText(job)}. No file was kept.`;
    case 'expired':
      return expiredText(job, zone, now);
    default:
      return job.mode === 'sync' && job.status === 'completed' ? savedInBrowser : contentsText(job);
  }
}

const cancelReasons: Record<NonNullable<Job['cancelReason']>, string> = {
  tab_closed: 'Its tab was closed',
  client_disconnected: 'Its tab was closed or lost its connection',
  stream_not_opened: 'Its tab did not start the download',
  file_not_confirmed: 'Its tab did not confirm the file',
};

/**
 * Returns who or what cancelled a job, and when: "By priya.nair@example.com, at 214,003 rows", "Its
 * tab was closed, at 488 rows".
 */
export function cancelText({ cancelledBy, cancelReason, origin, progress: { users }, startedAt }: Job): string {
  const rowsText = users.rows > 0 ? `at ${counted(users.rows, 'row')}` : 'before the first row';
  const far = startedAt ? rowsText : 'before it began';
  const reason = cancelReason && own(cancelReasons, cancelReason);
  if (reason) return `${origin === 'api' ? reason.replace('tab', 'client') : reason}, ${far}`;
  return cancelledBy ? `By ${cancelledBy}, ${far}` : far.replace(/^./, (c) => c.toUpperCase());
}

/** Returns what is lost by cancelling a live job. */
export function lossText({ progress: { users } }: Job): string {
  if (users.rows === 0) return 'Nothing is written yet.';
  return `${counted(users.rows, 'row is', 'rows are')} written. No file will be kept.`;
}

function expiredText({ completedAt, history, expiresAt }: Job, zone: string, now: Date): string {
  const deleted = history.findLast(({ kind }) => kind === 'expired')?.time ?? expiresAt;
  const parts = [
    completedAt && `Completed ${shortDay(completedAt, zone, now)}`,
    deleted && `files deleted ${shortDay(deleted, zone, now)}`,
  ];
  return parts.filter(Boolean).join(', ');
}

/** Returns the remaining time: "2 min left"; empty if it is unknown. */
export function remainingText({ progress: { etaSeconds } }: Job): string {
  return etaSeconds === null ? '' : `${duration(etaSeconds)} left`;
}

/** Returns when a job started, and its duration so far or in all. */
export function startText(job: Job, zone: string, now: Date): Lines {
  const at = job.startedAt ?? job.createdAt;
  const recent = dayOf(job.createdAt, zone) >= dayBefore(dayOf(now, zone)) || isLive(job);
  return { first: recent ? clock(at, zone) : shortDay(at, zone, now), second: durationText(job, now) };
}

/** Returns a job's duration, so far or in all. */
export function durationText(job: Job, now: Date): string {
  if (job.status === 'queued') return 'waiting';
  if (!job.startedAt) return '';
  const end = isLive(job) ? now : new Date(job.completedAt ?? job.startedAt);
  const seconds = (end.getTime() - new Date(job.startedAt).getTime()) / 1_000;
  if (isLive(job)) return `${duration(seconds)} so far`;
  return seconds < 1 ? 'under 1 s' : duration(seconds);
}

/** Returns the number of rows of the file, so far or in all; a dash without a file. */
export function rows(job: Job): string {
  const file = usersFile(job);
  if (file) return count(file.rows);
  return isRunning(job) && job.progress.users.rows > 0 ? count(job.progress.users.rows) : none;
}

/** Returns the file's size; for a running job the written bytes and their total. */
export function sizeText(job: Job): Lines {
  const file = usersFile(job);
  if (file) return { first: size(file.bytes), second: '' };
  const { bytes, bytesTotal, bytesTotalExact } = job.progress.users;
  if (!isRunning(job) || bytes === 0) return { first: none, second: '' };
  if (!bytesTotal) return { first: size(bytes), second: '' };
  const [total] = size(bytesTotal).split(' '); // the first line has the same unit
  return { first: size(bytes, bytesTotal), second: `of ${bytesTotalExact ? '' : 'about '}${total}` };
}

/** Returns a job's users file; undefined until it is verified. */
export function usersFile({ files }: Pick<Job, 'files'>) {
  return files.find(({ kind }) => kind === 'users');
}

/** The text for a job's origin, as a caption and within a sentence. */
export const origins = {
  console: { caption: 'Console', phrase: 'from the console' },
  api: { caption: 'API key', phrase: 'with an API key' },
} as const;
