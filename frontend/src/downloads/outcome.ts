import { ApiError, type Job } from '@/api/client';
import { cancelJob } from '@/api/jobs';
import { isLive } from '@/jobs/status';
import { isTemporary, type Pause, readJob } from './confirm-file';
import { BrokenStream } from './receive-stream';
import { SinkError } from './sink';

const waits = [0, 1_000, 2_000, 4_000]; // ms; the server notices a broken stream within 5 s
const maxTotalWait = 90_000; // ms

/** Returns the text for a failure; "" for a lost connection. */
export function problemText(reason: unknown): string {
  if (reason instanceof SinkError) return reason.message;
  if (reason instanceof ApiError) return reason.status === 0 ? '' : reason.message;
  return reason instanceof BrokenStream ? '' : 'Something broke in this page.';
}

/** How a job ended, and whether this tab ended it. */
export interface Outcome {
  job: Job;
  cancelledHere: boolean;
}

/**
 * Returns how a job ended whose file did not arrive. Cancels the job if it is still live. Returns
 * undefined if the server does not answer.
 */
export async function findOutcome(tenant: string, jobId: string, pause: Pause): Promise<Outcome | undefined> {
  const { signal } = new AbortController();
  try {
    for (const wait of waits) {
      if (wait > 0) await pause(wait, signal);
      const job = await readJob(tenant, jobId, signal);
      if (!isLive(job)) return { job, cancelledHere: false };
    }
    const job = await cancelJob(tenant, jobId, { keepalive: true });
    return { job, cancelledHere: job.status === 'cancelled' };
  } catch {
    return undefined;
  }
}

/**
 * Retries to cancel a job for up to 90 s. Returns undefined if the server refuses or stays
 * unreachable.
 */
export async function cancelWithRetry(tenant: string, jobId: string, pause: Pause): Promise<Job | undefined> {
  const { signal } = new AbortController();
  for (let wait = 1_000, waited = 0; waited < maxTotalWait; waited += wait, wait = Math.min(wait * 2, 15_000)) {
    await pause(wait, signal);
    try {
      return await cancelJob(tenant, jobId, { keepalive: true });
    } catch (error) {
      if (!isTemporary(error)) return undefined;
    }
  }
  return undefined;
}
