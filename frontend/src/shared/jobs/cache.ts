import type { Job } from '@/shared/api/client';
import { isLive } from './words';

/** The jobs that a page knows, newest first, each once. */
export type Jobs = readonly Job[];

/** What the socket says: at first, and whenever something may have been missed, a snapshot; then changes. */
export type JobEvent = { type: 'snapshot'; jobs: Jobs } | { type: 'job'; job: Job };

/**
 * Picks what is kept of two states of one job. A version only grows, so what is older is dropped; an equal version is
 * taken, since it may carry a new place in the queue or a fresh link.
 */
export function newerJob(known: Job | undefined, incoming: Job): Job {
  if (!known) return incoming;
  return known.version > incoming.version ? known : notFalling(known, incoming);
}

// What is told of a running job is ahead of what is kept of it: after a crash the next attempt begins a moment behind what was
// shown. Bytes and percentage stand until it has caught up. How a job has ended is exact, and is shown as it is.
function notFalling(known: Job, incoming: Job): Job {
  const { progress } = incoming;
  const shown = known.progress;
  if (!isLive(incoming) || (progress.users.bytes >= shown.users.bytes && progress.percent >= shown.percent)) {
    return incoming;
  }
  const bytes = Math.max(progress.users.bytes, shown.users.bytes);
  const users = { ...progress.users, bytes, bytesTotal: Math.max(progress.users.bytesTotal, bytes) };
  return { ...incoming, progress: { ...progress, percent: Math.max(progress.percent, shown.percent), users } };
}

/**
 * Applies one event to what is known. Pure: the cache is not changed, and comes back itself where the event brings
 * nothing. A job's version only grows, so that what is older than what is known is dropped, in whatever order events and
 * polled answers arrive. A snapshot is of live and recent jobs, never a reason to forget an older one.
 */
export function applyEvent(cache: Jobs, event: JobEvent): Jobs {
  const incoming = event.type === 'job' ? [event.job] : event.jobs;
  const known = new Map(cache.map((job) => [job.jobId, job]));
  let changed = false;
  for (const job of incoming) {
    const mine = known.get(job.jobId);
    const next = newerJob(mine, job);
    if (next === mine) continue;
    known.set(job.jobId, next);
    changed = true;
  }
  if (!changed) return cache;
  // Job ids are ULIDs: they sort by time of creation.
  return [...known.values()].sort((a, b) => (a.jobId < b.jobId ? 1 : -1));
}

/** Reads a message of the socket; undefined for one that this client does not know. */
export function parseEvent(message: string): JobEvent | undefined {
  let event: unknown;
  try {
    event = JSON.parse(message);
  } catch {
    return undefined;
  }
  if (!isRecord(event)) return undefined;
  if (event.type === 'job' && isJob(event.job)) return { type: 'job', job: event.job };
  if (event.type === 'snapshot' && Array.isArray(event.jobs) && event.jobs.every(isJob)) {
    return { type: 'snapshot', jobs: event.jobs };
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

// The server makes both from one schema: what decides order and identity is checked, the rest is taken at its word.
function isJob(value: unknown): value is Job {
  return (
    isRecord(value) &&
    typeof value.jobId === 'string' &&
    typeof value.status === 'string' &&
    typeof value.version === 'number'
  );
}
