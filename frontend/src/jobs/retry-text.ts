import type { Job } from '@/api/client';
import { duration } from '@/shared/ui/format';

/**
 * Returns why a job waits and when it retries: "The file storage is not responding. Trying again in
 * 32 s."
 */
export function retryText({ retry }: Pick<Job, 'retry'>, now: Date): string | null {
  if (!retry) return null;
  if (retry.at === null) return `${retry.message} The export starts as soon as it does.`;
  const left = Math.ceil((Date.parse(retry.at) - now.getTime()) / 1_000);
  return `${retry.message} ${left > 0 ? `Trying again in ${duration(left)}.` : 'Trying again now.'}`;
}

/** Returns the same text for a screen reader, without a countdown. */
export function retryAnnouncement({ retry }: Pick<Job, 'retry'>): string | null {
  if (!retry) return null;
  return `${retry.message} ${retry.at === null ? 'The export starts as soon as it does.' : 'Egress tries again by itself.'}`;
}

/** Returns the number of the next attempt: "Attempt 3 of 10"; null if attempts are not limited. */
export function retryAttempt({ retry }: Pick<Job, 'retry'>): string | null {
  return retry?.attempt && retry.of ? `Attempt ${retry.attempt} of ${retry.of}` : null;
}
