import { useSyncExternalStore } from 'react';
import { takeAsked } from './asked';

/** An open question to confirm the admin's identity. */
export interface Asking {
  /** The number of the question, used as a key so that each form starts empty. */
  round: number;
  /** The element that had the focus when the request was sent. */
  opener: Element | null;
}

let asking: Asking | null = null;
let rounds = 0;
let waiting: ((confirmed: boolean) => void)[] = [];
const listeners = new Set<() => void>();

function set(next: Asking | null): void {
  asking = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Sends a request. If the server answers a write with 403 `confirmation_required`, it asks the
 * admin to confirm their identity and sends the request again. Returns the 403 if the admin does
 * not confirm. Requests that wait at the same time share one question.
 */
export async function fetchConfirmed(request: Request): Promise<Response> {
  if (request.method === 'GET') return takeAsked(request) ?? globalThis.fetch(request);
  const opener = typeof document === 'undefined' ? null : document.activeElement;
  for (let next = request; ; ) {
    const again = next.clone(); // a body can be sent only once
    const answer = await globalThis.fetch(next);
    if (!(await wantsConfirmation(answer)) || !(await askConfirmation(opener))) return answer;
    next = again;
  }
}

async function wantsConfirmation(answer: Response): Promise<boolean> {
  if (answer.status !== 403) return false;
  const problem: unknown = await answer
    .clone()
    .json()
    .catch(() => null);
  return (
    typeof problem === 'object' && problem !== null && 'code' in problem && problem.code === 'confirmation_required'
  );
}

/**
 * Asks the admin to confirm their identity. Resolves to whether they did; to false at once if no
 * dialog listens.
 */
export function askConfirmation(opener: Element | null): Promise<boolean> {
  if (listeners.size === 0) return Promise.resolve(false);
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (!asking) set({ round: ++rounds, opener });
  });
}

/** Answers the question for all waiting requests. Returns the element that had the focus before. */
export function settleConfirmation(confirmed: boolean): Element | null {
  const opener = asking?.opener ?? null;
  const answered = waiting;
  waiting = [];
  set(null);
  for (const resolve of answered) resolve(confirmed);
  return opener;
}

/** Reports whether a question is open. */
export function isConfirmationAsked(): boolean {
  return asking !== null;
}

/** Returns the open question; null if there is none. */
export function useConfirmationAsked(): Asking | null {
  return useSyncExternalStore(subscribe, () => asking);
}
