import { useSyncExternalStore } from 'react';

/** Whether this browser may show notifications; null if it cannot, for example without a secure context. */
export type Permission = NotificationPermission | null;

const listeners = new Set<() => void>();

function permission(): Permission {
  return typeof Notification === 'undefined' || !isSecureContext ? null : Notification.permission;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Returns whether this browser may show notifications. */
export function useNotificationPermission(): Permission {
  return useSyncExternalStore(subscribe, permission);
}

/** Asks the admin for the permission. Browsers accept this only in a click. */
export async function askForNotifications(): Promise<void> {
  await Notification.requestPermission();
  for (const listener of listeners) listener();
}

const shown = new Set<Notification>();

/**
 * Shows a notification if the admin has allowed it. A click focuses this tab and calls `onOpen`.
 * Notifications with the same tag replace each other, also those of other tabs.
 */
export function notify(title: string, options: { body: string; tag: string }, onOpen: () => void): void {
  if (permission() !== 'granted') return;
  let notification: Notification;
  try {
    notification = new Notification(title, options);
  } catch {
    return; // phones show notifications of service workers only
  }
  shown.add(notification);
  notification.onclose = () => shown.delete(notification);
  notification.onclick = () => {
    window.focus();
    notification.close();
    onOpen();
  };
}

/** Closes the notifications of this tab, because the admin looks at it. */
export function closeNotifications(): void {
  for (const notification of shown) notification.close();
  shown.clear();
}
