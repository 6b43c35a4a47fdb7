import { notifications } from '@mantine/notifications';

/**
 * Copies a text and confirms it, for `shown` milliseconds. If the browser has no clipboard (no TLS), it shows the text
 * for copying by hand.
 */
export async function copyText(text: string, done: string, shown = 2_000): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notifications.show({ message: done, autoClose: shown, withCloseButton: false });
  } catch {
    notifications.show({
      title: 'The browser blocked copying. Copy this text by hand:',
      message: text,
      autoClose: false,
      styles: { description: { whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' } }, // commands have several lines
    });
  }
}
