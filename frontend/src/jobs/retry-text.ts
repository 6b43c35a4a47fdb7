import type { Job } from '@/api/client';
import { clockSeconds, duration } from '@/shared/ui/format';

/** A job's state of waiting: "Retrying" while the next attempt runs that has made no progress yet. */
export type WaitingState = 'Waiting' | 'Retrying';

/** Returns whether a live job waits or retries; null if it does neither. */
export function waitingState({ retry }: Pick<Job, 'retry'>, now: Date): WaitingState | null {
  if (!retry) return null;
  return retry.at !== null && secondsUntil(retry.at, now) <= 0 ? 'Retrying' : 'Waiting';
}

/**
 * Returns why a job waits, and what happens next: "The file storage is not responding. Attempt 3 of
 * 10 in 32 s, at 08:32:00."
 */
export function retryText({ retry }: Pick<Job, 'retry'>, now: Date, zone?: string): string | null {
  if (!retry) return null;
  if (retry.until) {
    const left = Math.max(0, secondsUntil(retry.until, now));
    return `${retry.message} Without an answer the export is cancelled in ${duration(left)}.`;
  }
  if (retry.at === null) return `${retry.message} The export starts as soon as it does.`;
  const left = secondsUntil(retry.at, now);
  const attempt = `Attempt ${retry.attempt} of ${retry.of}`;
  if (left <= 0) return `${retry.message} ${attempt} is running.`;
  return `${retry.message} ${attempt} in ${duration(left)}, at ${clockSeconds(retry.at, zone)}.`;
}

/** Returns the same text for a screen reader, without a countdown. */
export function retryAnnouncement({ retry }: Pick<Job, 'retry'>): string | null {
  if (!retry) return null;
  if (retry.until) return retry.message;
  return `${retry.message} ${retry.at === null ? 'The export starts as soon as it does.' : 'Egress tries again by itself.'}`;
}

function secondsUntil(time: string, now: Date): number {
  return Math.ceil((Date.parse(time) - now.getTime()) / 1_000);
}
