import type { Job } from '@/api/client';
import { isLive } from './status';

/** The known jobs, newest first, without duplicates. */
export type Jobs = readonly Job[];

/**
 * An event with whole jobs: a snapshot at first and whenever events may have been lost; else one
 * changed job.
 */
export type JobEvent = { type: 'snapshot'; jobs: Jobs } | { type: 'job'; job: Job };

/** The progress of a job, of which nothing else has changed. */
export interface ProgressEvent {
  type: 'progress';
  jobId: string;
  version: number;
  progress: Job['progress'];
}

/** An event of the socket. */
export type SocketEvent = JobEvent | ProgressEvent;

/** The server will close the socket soon. The client replaces it after that time. */
export interface Reconnect {
  type: 'reconnect';
  afterMs: number;
}

const longestAfter = 10 * 60_000; // ms; no server drains longer

/**
 * Returns the newer of two states of one job. Versions only grow, so a state with a lower version
 * is dropped. A state with the same version is taken, because it may have a new queue position or a
 * new link.
 */
export function newerJob(known: Job | undefined, incoming: Job): Job {
  if (!known) return incoming;
  return known.version > incoming.version ? known : keepProgress(known, incoming);
}

// Prevents the shown bytes and percentage of a live job from decreasing. Published progress is
// ahead of the checkpoint, so after a crash the next attempt starts slightly lower. The final
// figures of an ended job are exact and shown unchanged.
function keepProgress(known: Job, incoming: Job): Job {
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
 * Returns a job with the progress of an event, or the same object if the event is not newer. An
 * event without throughput keeps the known one.
 */
export function withProgress(known: Job, { version, progress }: ProgressEvent): Job {
  if (version <= known.version || !isLive(known)) return known;
  const throughput = progress.throughput ?? known.progress.throughput;
  return newerJob(known, { ...known, version, progress: { ...progress, throughput } });
}

/**
 * Applies one event to the known jobs and returns the new list, or the same object if nothing
 * changed. States older than the known ones are dropped, so events and polled answers may arrive in
 * any order. A snapshot has only live and recent jobs, so jobs that it lacks are kept.
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

/** Parses a message of the socket; returns undefined for an unknown message. */
export function parseEvent(message: string): SocketEvent | Reconnect | undefined {
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
  if (event.type === 'progress' && isProgress(event)) {
    const { type, jobId, version, progress } = event;
    return { type, jobId, version, progress };
  }
  if (event.type === 'reconnect' && typeof event.afterMs === 'number') {
    return { type: 'reconnect', afterMs: Math.min(Math.max(event.afterMs, 0), longestAfter) };
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

// Checks only the fields that decide identity and order. Server and client share one schema, so the
// rest is trusted.
function isJob(value: unknown): value is Job {
  return (
    isRecord(value) &&
    typeof value.jobId === 'string' &&
    typeof value.status === 'string' &&
    typeof value.version === 'number'
  );
}

function isProgress(value: Record<string, unknown>): value is Record<string, unknown> & ProgressEvent {
  return typeof value.jobId === 'string' && typeof value.version === 'number' && isRecord(value.progress);
}
