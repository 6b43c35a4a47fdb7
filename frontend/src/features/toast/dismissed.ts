import { useCallback, useMemo, useSyncExternalStore } from 'react';

const most = 200; // remembered; the server tells of 20 recent jobs in a tenant

/** The place of what an admin has dismissed, in this browser's storage. */
export function placeOf(adminId: string): string {
  return `egress-dismissed-toasts:${adminId}`;
}

/** Reads what was stored; anything else than a list of ids is no list. */
export function readIds(text: string | null): readonly string[] {
  if (text === null) return [];
  try {
    const ids: unknown = JSON.parse(text);
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}

/** Adds an id to what is stored, and forgets the oldest of too many. */
export function withId(text: string | null, id: string): string {
  return JSON.stringify([...readIds(text).filter((known) => known !== id), id].slice(-most));
}

const listeners = new Set<() => void>();
// Where the browser refuses storage, a tab remembers for itself.
const own = new Map<string, string>();

function read(place: string): string | null {
  try {
    return own.get(place) ?? localStorage.getItem(place);
  } catch {
    return null;
  }
}

function write(place: string, text: string): void {
  try {
    localStorage.setItem(place, text);
    own.delete(place);
  } catch {
    own.set(place, text);
  }
  for (const listener of listeners) listener();
}

// Other tabs are told by the storage event, this one by write.
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    removeEventListener('storage', listener);
  };
}

/** The toasts that the admin has dismissed, in any tab of this browser, and a way to dismiss one. */
export function useDismissed(adminId: string): { dismissed: ReadonlySet<string>; dismiss: (jobId: string) => void } {
  const place = placeOf(adminId);
  const text = useSyncExternalStore(subscribe, () => read(place));
  const dismissed = useMemo(() => new Set(readIds(text)), [text]);
  const dismiss = useCallback((jobId: string) => write(place, withId(read(place), jobId)), [place]);
  return { dismissed, dismiss };
}
