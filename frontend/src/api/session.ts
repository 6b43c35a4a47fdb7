import { useSyncExternalStore } from 'react';
import { dropAsked } from './asked';

let ended = false;
let begun = 0;
let renewals = 0; // running requests that replace this session by a new one
let endedMeanwhile = false;
const listeners = new Set<() => void>();
const over = new Set<(how: 'ended' | 'left') => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Records that the session has ended under an open page. The page then asks for the password in
 * place.
 */
export function sessionEnded(): void {
  if (ended) return;
  if (renewals > 0) {
    endedMeanwhile = true;
    return;
  }
  ended = true;
  tell();
  for (const listener of over) listener('ended');
}

/** Records a login. */
export function sessionBegan(): void {
  ended = false;
  dropAsked();
  begun++;
  remember(true);
  tell();
}

/**
 * Makes a request that replaces this session by a new one, such as a change of the password. The
 * end of the old session is reported only if the request fails.
 */
export async function renewSession<T>(call: () => Promise<T>): Promise<T> {
  renewals++;
  try {
    const answer = await call();
    endedMeanwhile = false;
    sessionBegan();
    return answer;
  } finally {
    renewals--;
    if (endedMeanwhile && renewals === 0) {
      endedMeanwhile = false;
      sessionEnded();
    }
  }
}

/** Records a logout or a change of the account. */
export function sessionLeft(): void {
  ended = false;
  dropAsked();
  remember(false);
  tell();
  for (const listener of over) listener('left');
}

// Whether this browser has logged in and not logged out since. The session itself is a cookie that no script can read.
const memory = 'egress-session';

function remember(loggedIn: boolean): void {
  try {
    if (loggedIn) localStorage.setItem(memory, 'begun');
    else localStorage.removeItem(memory);
  } catch {
    // Storage is forbidden: the page asks the server, and does not mention an ended session.
  }
}

/** Reports whether this browser had a session that did not end by a logout. */
export function hadSession(): boolean {
  try {
    return localStorage.getItem(memory) !== null;
  } catch {
    return false;
  }
}

/**
 * Reports whether the browser may have a session. If not, the login page opens without a request that would be refused.
 */
export function mayHaveSession(): boolean {
  try {
    return localStorage.getItem(memory) !== null;
  } catch {
    return true;
  }
}

/** Reports whether the session has ended under the open page. */
export function useSessionEnded(): boolean {
  return useSyncExternalStore(subscribe, () => ended);
}

/**
 * Calls the listener when the session ends under the page, or by a logout. Returns the function
 * that removes it.
 */
export function onSessionOver(listener: (how: 'ended' | 'left') => void): () => void {
  over.add(listener);
  return () => over.delete(listener);
}

/**
 * Returns the number of logins in this tab. Connections that belong to a session reopen when it
 * changes.
 */
export function useSessionNumber(): number {
  return useSyncExternalStore(subscribe, () => begun);
}

const beforeLogout = new Set<() => Promise<void>>();

/**
 * Registers what must happen while the session is still valid: `useLogout` and
 * `useLogOutEverywhere` wait for it before they call the server. A hook that rejects stops the
 * logout. Returns the function that removes the hook.
 */
export function onBeforeLogout(hook: () => Promise<void>): () => void {
  beforeLogout.add(hook);
  return () => beforeLogout.delete(hook);
}

/** Runs the hooks of `onBeforeLogout` and waits for all of them. */
export async function prepareLogout(): Promise<void> {
  await Promise.all([...beforeLogout].map((hook) => hook()));
}
