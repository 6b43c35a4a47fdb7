/** A part of a file. It owns its memory, so it can be transferred to another thread. */
export type Block = Uint8Array<ArrayBuffer>;

/**
 * Where a streamed file is stored while it arrives: in the admin's file, in the browser's storage,
 * or in memory.
 */
export type Held = 'disk' | 'browser' | 'memory';

/**
 * Stores one file, block by block. Every promise rejects with a SinkError, whose message is for the
 * admin. After a failure call only `abort`.
 */
export interface Sink {
  readonly held: Held;
  /**
   * Stores a block. The caller may reuse it after the promise resolves, and must not write the next
   * one before that.
   */
  write(block: Block): Promise<void>;
  /** Ends the file, and checks that it has the written length. */
  close(): Promise<void>;
  /**
   * Removes the file, before or after `close`. Never rejects; a file that cannot be removed stays.
   */
  abort(): Promise<void>;
  /**
   * Returns the closed file if the browser still has to save it; null if it is already where the
   * admin wants it.
   */
  file(): Promise<Blob | null>;
}

/** A file could not be written. The message says why, and what to do. */
export class SinkError extends Error {
  override readonly name = 'SinkError';
}

/** Converts a browser's error into a SinkError. */
export function toSinkError(reason: unknown): SinkError {
  if (reason instanceof SinkError) return reason;
  return new SinkError(
    sentences[errorName(reason)] ?? 'The file could not be written. Choose another place and retry.',
  );
}

/** Returns the name of a thrown error, for example "AbortError"; "" for any other value. */
export function errorName(reason: unknown): string {
  return reason instanceof Error || reason instanceof DOMException ? reason.name : '';
}

const sentences: Record<string, string> = {
  QuotaExceededError: 'There is no room left for the file. Free some space, or choose another place, and retry.',
  NotAllowedError: 'The browser may not write to the file. Allow it, or choose another place, and retry.',
  NotFoundError: 'The file, or its folder, has been removed. Choose another place and retry.',
  NoModificationAllowedError: 'The file is locked by another program. Close it, or choose another place, and retry.',
};

/** Awaits a call and turns its failure into a SinkError. */
export async function asSinkError<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (reason) {
    throw toSinkError(reason);
  }
}

/** Throws a SinkError if a file was stored with another length than was written. */
export function checkLength(stored: number, sent: number): void {
  if (stored !== sent)
    throw new SinkError(`${stored} bytes were stored instead of ${sent}. Choose another place and retry.`);
}
