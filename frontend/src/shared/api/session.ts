import { useSyncExternalStore } from 'react';

let ended = false;
let begun = 0;
const listeners = new Set<() => void>();
const over = new Set<(how: 'ended' | 'left') => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The session has ended while a page was open: the page asks for the password in place. */
export function sessionEnded(): void {
  if (ended) return;
  ended = true;
  tell();
  for (const listener of over) listener('ended');
}

/** Someone has logged in. */
export function sessionBegan(): void {
  ended = false;
  begun++;
  remember(true);
  tell();
}

/** Someone has logged out, or goes on as someone else. */
export function sessionLeft(): void {
  ended = false;
  remember(false);
  tell();
  for (const listener of over) listener('left');
}

// So that the log-in page can say that a session has ended. It is a word for a reader, no more.
const memory = 'egress-session';

function remember(there: boolean): void {
  try {
    if (there) localStorage.setItem(memory, 'begun');
    else localStorage.removeItem(memory);
  } catch {
    // Storage is forbidden: the page says less.
  }
}

/** Reports whether this browser had a session that nobody logged out of. */
export function hadSession(): boolean {
  try {
    return localStorage.getItem(memory) !== null;
  } catch {
    return false;
  }
}

/** Reports whether the session has ended under the open page. */
export function useSessionEnded(): boolean {
  return useSyncExternalStore(subscribe, () => ended);
}

/** Calls the listener when the session ends under the page, or is left. Returns what stops that. */
export function onSessionOver(listener: (how: 'ended' | 'left') => void): () => void {
  over.add(listener);
  return () => over.delete(listener);
}

/** Counts the log-ins in this tab: what holds a connection of the session makes a new one when it changes. */
export function useSessionNumber(): number {
  return useSyncExternalStore(subscribe, () => begun);
}
