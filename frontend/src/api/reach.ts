import { useSyncExternalStore } from 'react';

/** Whether the server can be reached, and when it last answered. */
export interface Reach {
  offline: boolean;
  /** The time of the last answer, in ms since the epoch. The data on the screen is as of then. */
  asOf: number;
}

let reach: Reach = { offline: false, asOf: Date.now() };
const listeners = new Set<() => void>();

function set(next: Reach): void {
  const changed = next.offline !== reach.offline;
  reach = changed ? next : Object.assign(reach, next); // a new asOf alone renders nothing
  if (changed) for (const listener of listeners) listener();
}

/** Records that the server has answered. */
export function noteAnswer(): void {
  set({ offline: false, asOf: Date.now() });
}

/** Records that a request got no answer, or that the browser has no network. */
export function noteSilence(): void {
  set({ ...reach, offline: true });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener('offline', noteSilence);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) removeEventListener('offline', noteSilence);
  };
}

/**
 * Returns whether the server can be reached. Controls that need it are disabled while `offline`.
 */
export function useReach(): Reach {
  return useSyncExternalStore(subscribe, () => reach);
}
