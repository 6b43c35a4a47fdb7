import type { Sink } from '../sink';
import { SinkError } from '../sink';

/**
 * A file of the file system, for tests: what was written is in `bytes` once it is closed, as in a
 * browser.
 */
export class FakeFile {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array();
  removed = false;
  /** Bytes that there is room for. */
  room = Number.POSITIVE_INFINITY;
  /** Bytes that are lost at the end. */
  lost = 0;

  constructor(readonly name = 'users.csv') {}

  /** The handle that a picker or a folder would give. */
  handle(withRemove = true): FileSystemFileHandle {
    const handle = {
      kind: 'file' as const,
      name: this.name,
      isSameEntry: async () => false,
      getFile: async () => new File([this.bytes], this.name),
      createWritable: async () => this.#writable(),
      ...(withRemove && {
        remove: async () => {
          this.removed = true;
        },
      }),
    };
    return handle;
  }

  #writable(): FileSystemWritableFileStream {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    const length = () => parts.reduce((sum, part) => sum + part.byteLength, 0);
    const keep = () => {
      this.bytes = joined(parts).slice(0, Math.max(0, length() - this.lost));
    };
    const stream = new WritableStream();
    return Object.assign(stream, {
      write: async (block: FileSystemWriteChunkType) => {
        if (!(block instanceof Uint8Array)) throw new TypeError('a block is wanted');
        if (length() + block.byteLength > this.room) throw new DOMException('full', 'QuotaExceededError');
        parts.push(new Uint8Array(block));
      },
      seek: async () => {},
      truncate: async () => {},
      close: async () => keep(),
      abort: async () => {},
    });
  }
}

/** Puts pieces together. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

/** Asks for a sink's failure; anything else that is thrown is thrown on. */
export async function failureOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return '';
  } catch (error) {
    if (error instanceof SinkError) return error.message;
    throw error;
  }
}

/** Writes texts to a sink. */
export async function writeAll(sink: Sink, ...texts: string[]): Promise<void> {
  for (const text of texts) await sink.write(new TextEncoder().encode(text));
}
