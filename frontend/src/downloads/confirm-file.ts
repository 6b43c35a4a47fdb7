import { ApiError, answered, api, inTenant, type Job } from '@/api/client';
import { getJob } from '@/api/jobs';
import type { FileKind } from './picker';
import type { Receipt } from './receive-stream';

/** Waits for `ms`. Rejects when the signal aborts. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

const firstWait = 1_000; // ms; doubled with every failure
const longestWait = 15_000; // ms
const maxTotalWait = 90_000; // ms
const requestTimeout = 20_000; // ms

/**
 * Confirms to the server what has arrived, and returns the job's new state. It retries temporary
 * failures for up to 90 s, because the file is already stored. The server accepts a repeated
 * confirmation.
 */
export async function confirmFile(
  tenant: string,
  jobId: string,
  file: Receipt & { kind: FileKind },
  signal: AbortSignal,
  pause: Pause = waitFor,
): Promise<Job> {
  let wait = firstWait;
  for (let waited = 0; ; waited += wait, wait = Math.min(2 * wait, longestWait)) {
    try {
      return await postConfirmation(tenant, jobId, file, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isTemporary(error) || waited + wait > maxTotalWait) throw error;
      await pause(wait, signal);
    }
  }
}

/**
 * Confirms once what has arrived. Without a hash it says that the file is still arriving, so that the server waits
 * longer.
 */
export async function postConfirmation(
  tenant: string,
  jobId: string,
  file: { kind: FileKind; bytes: number; sha256?: string },
  signal: AbortSignal,
): Promise<Job> {
  const params = { path: { jobId }, header: inTenant(tenant) };
  return withTimeout(signal, (one) =>
    answered(api.POST('/v4/user-export-jobs/{jobId}/confirmations', { params, body: file, signal: one })),
  );
}

/** Reads the job from the server. */
export async function readJob(tenant: string, jobId: string, signal: AbortSignal): Promise<Job> {
  return withTimeout(signal, (one) => getJob(tenant, jobId, one));
}

/** Reports whether a failed request is worth a retry. */
export function isTemporary(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.status === 0 || error.status >= 500 || error.status === 408 || error.status === 429;
}

/** Waits by a timer of the browser. */
export const waitFor: Pause = (ms, signal) =>
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

// Aborts a request after a timeout, because a broken network may never answer.
async function withTimeout<T>(signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const own = new AbortController();
  const end = () => own.abort(signal.reason);
  const timer = setTimeout(() => own.abort(new DOMException('No answer.', 'TimeoutError')), requestTimeout);
  signal.addEventListener('abort', end, { once: true });
  try {
    return await call(own.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}
