import { ApiError, type Job } from '@/shared/api/client';
import { isLive } from '@/shared/jobs/words';
import { askJob, cancelJob, isPassing, type Pause } from './confirm';
import { BrokenStream } from './receive';
import { SinkError } from './sink';

const waits = [0, 1_000, 2_000, 4_000]; // ms: the server notices by itself within 5 s that nobody receives
const longest = 90_000; // ms of trying to cancel

/** Says what to know or do about a failure; "" where the connection is to blame. */
export function problemOf(reason: unknown): string {
  if (reason instanceof SinkError) return reason.message;
  if (reason instanceof ApiError) return reason.status === 0 ? '' : reason.message;
  return reason instanceof BrokenStream ? '' : 'Something broke in this page.';
}

/** How a job ended, and whether that was done here. */
export interface Verdict {
  job: Job;
  cancelledHere: boolean;
}

/**
 * Finds out how a job ended whose file did not arrive, and cancels it where it has not. Undefined where nobody answers.
 */
export async function verdict(tenant: string, jobId: string, pause: Pause): Promise<Verdict | undefined> {
  const { signal } = new AbortController();
  try {
    for (const wait of waits) {
      if (wait > 0) await pause(wait, signal);
      const job = await askJob(tenant, jobId, signal);
      if (!isLive(job)) return { job, cancelledHere: false };
    }
    const job = await cancelJob(tenant, jobId);
    return { job, cancelledHere: job.status === 'cancelled' };
  } catch {
    return undefined;
  }
}

/** Cancels a job as soon as the server can be reached, for a while. */
export async function cancelLater(tenant: string, jobId: string, pause: Pause): Promise<Job | undefined> {
  const { signal } = new AbortController();
  for (let wait = 1_000, waited = 0; waited < longest; waited += wait, wait = Math.min(wait * 2, 15_000)) {
    await pause(wait, signal);
    try {
      return await cancelJob(tenant, jobId);
    } catch (error) {
      if (!isPassing(error)) return undefined;
    }
  }
  return undefined;
}
