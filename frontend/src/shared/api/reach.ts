import { useSyncExternalStore } from 'react';

/** Whether the server can be reached, and when it last answered. */
export interface Reach {
  offline: boolean;
  /** The last answer, in ms since the epoch; what is on the screen is as of then. */
  asOf: number;
}

let reach: Reach = { offline: false, asOf: Date.now() };
const listeners = new Set<() => void>();

function set(next: Reach): void {
  const changed = next.offline !== reach.offline;
  reach = changed ? next : Object.assign(reach, next); // asOf alone draws nothing anew
  if (changed) for (const listener of listeners) listener();
}

/** The server has answered. */
export function noteAnswer(): void {
  set({ offline: false, asOf: Date.now() });
}

/** A call got no answer, or the browser says that there is no network. */
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

/** Follows whether the server can be reached. What needs it is disabled while `offline`. */
export function useReach(): Reach {
  return useSyncExternalStore(subscribe, () => reach);
}
