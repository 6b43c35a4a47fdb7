import type { Job } from '@/api/client';

/** A job that ended while no tab of this browser was visible. */
export interface UnseenEnd {
  tenant: string;
  job: Job;
}

const listeners = new Set<(end: UnseenEnd) => void>();

/** Calls the listeners of this tab. Of the tabs that share a socket, one is chosen to do so. */
export function reportUnseenEnd(end: UnseenEnd): void {
  for (const listener of listeners) listener(end);
}

/** Adds a listener and returns the function that removes it. */
export function onUnseenEnd(listener: (end: UnseenEnd) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
