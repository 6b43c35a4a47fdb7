/** A piece of a file, in memory of its own, so that it can be handed to another thread. */
export type Block = Uint8Array<ArrayBuffer>;

/** Where a streamed file is while it comes: in the admin's own file, in the browser's storage, or in memory. */
export type Held = 'disk' | 'browser' | 'memory';

/**
 * Takes one file, block by block. Every promise rejects with a SinkError, whose message is for the admin. After a failure
 * only `abort` is called.
 */
export interface Sink {
  readonly held: Held;
  /** Resolves when the block has been taken; until then nothing more is read. The block is the caller's again after that. */
  write(block: Block): Promise<void>;
  /** Ends the file. What is stored then is as long as what was written. */
  close(): Promise<void>;
  /** Removes what was written, before or after the end. It never rejects: what cannot be removed is left. */
  abort(): Promise<void>;
  /** The whole file, after the end, where the browser still has to download it; null where it is in its place. */
  file(): Promise<Blob | null>;
}

/** A file could not be written. The message says why and what to do. */
export class SinkError extends Error {
  override readonly name = 'SinkError';
}

/** Says why a browser did not write. */
export function sinkError(reason: unknown): SinkError {
  if (reason instanceof SinkError) return reason;
  return new SinkError(
    sentences[errorName(reason)] ?? 'The file could not be written. Choose another place and retry.',
  );
}

/** The name of what was thrown: "AbortError". */
export function errorName(reason: unknown): string {
  return reason instanceof Error || reason instanceof DOMException ? reason.name : '';
}

const sentences: Record<string, string> = {
  QuotaExceededError: 'There is no room left for the file. Free some space, or choose another place, and retry.',
  NotAllowedError: 'The browser may not write to the file. Allow it, or choose another place, and retry.',
  NotFoundError: 'The file, or its folder, has been removed. Choose another place and retry.',
  NoModificationAllowedError: 'The file is locked by another program. Close it, or choose another place, and retry.',
};

/** Lets a call of a sink fail with a SinkError alone. */
export async function written<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (reason) {
    throw sinkError(reason);
  }
}

/** Stops a file that was stored shorter or longer than it was written. */
export function checkLength(stored: number, sent: number): void {
  if (stored !== sent) throw new SinkError(`Of ${sent} bytes ${stored} were stored. Choose another place and retry.`);
}
