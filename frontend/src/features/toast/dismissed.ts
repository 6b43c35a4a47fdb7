import { useCallback, useMemo, useSyncExternalStore } from 'react';

const maxIds = 200; // stored ids; the server sends 20 recent jobs of a tenant

/** Returns the storage key of an admin's dismissed toasts. */
export function storageKey(adminId: string): string {
  return `egress-dismissed-toasts:${adminId}`;
}

/** Parses the stored ids; returns none for any other text. */
export function readIds(text: string | null): readonly string[] {
  if (text === null) return [];
  try {
    const ids: unknown = JSON.parse(text);
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}

/** Adds ids to the stored ids and drops the oldest above the limit. */
export function withIds(text: string | null, ids: readonly string[]): string {
  return JSON.stringify([...readIds(text).filter((known) => !ids.includes(known)), ...ids].slice(-maxIds));
}

const listeners = new Set<() => void>();
// The ids of this tab, if the browser refuses storage.
const fallback = new Map<string, string>();

function read(key: string): string | null {
  try {
    return fallback.get(key) ?? localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, text: string): void {
  try {
    localStorage.setItem(key, text);
    fallback.delete(key);
  } catch {
    fallback.set(key, text);
  }
  for (const listener of listeners) listener();
}

// The storage event reaches the other tabs; write notifies this one.
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    removeEventListener('storage', listener);
  };
}

/**
 * Returns the ids of the toasts that the admin dismissed in any tab of this browser, and the
 * function to dismiss more.
 */
export function useDismissed(adminId: string): {
  dismissed: ReadonlySet<string>;
  dismiss: (jobIds: readonly string[]) => void;
} {
  const key = storageKey(adminId);
  const text = useSyncExternalStore(subscribe, () => read(key));
  const dismissed = useMemo(() => new Set(readIds(text)), [text]);
  const dismiss = useCallback((jobIds: readonly string[]) => write(key, withIds(read(key), jobIds)), [key]);
  return { dismissed, dismiss };
}
