import { notifications } from '@mantine/notifications';

/** Copies a text and says so. A browser without a clipboard (no TLS) is told of, with the text to be copied by hand. */
export async function copyText(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notifications.show({ message: done, autoClose: 2_000 });
  } catch {
    notifications.show({ title: 'The browser did not let it be copied', message: text, autoClose: false });
  }
}
