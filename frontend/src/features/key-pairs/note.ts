/** The length of the longest note that the server accepts, in bytes. */
export const mostBytes = 500;

/** Returns what is wrong with a typed note; null if nothing is. */
export function problemOf(note: string): string | null {
  const bytes = new TextEncoder().encode(note.trim()).length;
  return bytes > mostBytes ? `Too long: at most ${mostBytes} bytes.` : null;
}
