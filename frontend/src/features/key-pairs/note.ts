/** The longest note that the server takes, in bytes. */
export const mostBytes = 500;

/** What is wrong with a note as it was typed; null where nothing is. */
export function problemOf(note: string): string | null {
  const bytes = new TextEncoder().encode(note.trim()).length;
  return bytes > mostBytes ? `Too long: ${mostBytes} bytes are the most.` : null;
}
