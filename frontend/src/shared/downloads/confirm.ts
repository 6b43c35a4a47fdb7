import { ApiError, answered, api, inTenant, type Job } from '@/shared/api/client';
import type { Kind } from './places';
import type { Receipt } from './receive';

/** Waits, and rejects when the signal says so. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

const firstWait = 1_000; // ms; doubled with every failure
const longestWait = 15_000; // ms
const longest = 90_000; // ms of waiting in all
const onePatience = 20_000; // ms that one call may take

/**
 * Tells the server what has arrived, and answers with the job as it is then. The file is there already, so that a call that
 * finds nobody is repeated for a while; the server takes a repeated confirmation for the same one.
 */
export async function confirm(
  tenant: string,
  jobId: string,
  file: Receipt & { kind: Kind },
  signal: AbortSignal,
  pause: Pause = pauseFor,
): Promise<Job> {
  const params = { path: { jobId }, header: inTenant(tenant) };
  let wait = firstWait;
  for (let waited = 0; ; waited += wait, wait = Math.min(2 * wait, longestWait)) {
    try {
      return await patiently(signal, (one) =>
        answered(api.POST('/v4/user-export-jobs/{jobId}/confirmations', { params, body: file, signal: one })),
      );
    } catch (error) {
      signal.throwIfAborted();
      if (!isPassing(error) || waited + wait > longest) throw error;
      await pause(wait, signal);
    }
  }
}

/** Asks for the job as it is. */
export async function askJob(tenant: string, jobId: string, signal: AbortSignal): Promise<Job> {
  const params = { path: { jobId }, header: inTenant(tenant) };
  return patiently(signal, (one) => answered(api.GET('/v4/user-export-jobs/{jobId}', { params, signal: one })));
}

/** Cancels the job. It is answered as it is then: cancelled, or as it had ended. */
export async function cancelJob(tenant: string, jobId: string): Promise<Job> {
  const params = { path: { jobId }, header: inTenant(tenant) };
  return answered(api.DELETE('/v4/user-export-jobs/{jobId}', { params, keepalive: true }));
}

/** Reports whether the same call may succeed in a moment. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.status === 0 || error.status >= 500 || error.status === 408 || error.status === 429;
}

/** Waits in the browser's time. */
export const pauseFor: Pause = (ms, signal) =>
  new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end);
      resolve();
    }, ms);
    signal.addEventListener('abort', end, { once: true });
  });

// Gives a call up after a while: a network that swallows it says nothing.
async function patiently<T>(signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const own = new AbortController();
  const end = () => own.abort(signal.reason);
  const timer = setTimeout(() => own.abort(new DOMException('No answer.', 'TimeoutError')), onePatience);
  signal.addEventListener('abort', end, { once: true });
  try {
    return await call(own.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}
