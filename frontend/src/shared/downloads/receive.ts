import type { Hasher } from './hash';
import type { Block, Sink } from './sink';

/** What has arrived of a file, and is stored. */
export interface Receipt {
  bytes: number;
  sha256: string;
}

/** The body ended before the file did, or never began: nobody knows more than that the connection is gone. */
export class BrokenStream extends Error {
  override readonly name = 'BrokenStream';
}

const blockSize = 1 << 20; // bytes

/**
 * Brings a body to its end: into the sink and through the hash, block by block. Nothing is read while the sink writes, so
 * two blocks are held at most. A body that breaks off rejects with a BrokenStream, a sink that cannot write with a SinkError;
 * `arrived` is called when bytes come.
 */
export async function receive(
  body: ReadableStream<Uint8Array>,
  sink: Sink,
  hasher: Hasher,
  arrived: () => void = () => {},
): Promise<Receipt> {
  const reader = body.getReader();
  let bytes = 0;
  let hashed = Promise.resolve();
  hashed.catch(() => {});
  const store = async (block: Block) => {
    await sink.write(block);
    bytes += block.byteLength;
    await hashed;
    hashed = hasher.update(block);
    hashed.catch(() => {}); // awaited before the next one, and before the end
  };
  try {
    const buffer = new Gathered();
    const read = () =>
      reader.read().catch((cause: unknown) => Promise.reject(new BrokenStream('broken off', { cause })));
    for (let next = await read(); !next.done; next = await read()) {
      arrived();
      for (const block of buffer.add(next.value)) await store(block);
    }
    for (const block of buffer.rest()) await store(block);
    await hashed;
    await sink.close();
    return { bytes, sha256: await hasher.digest() };
  } catch (reason) {
    await reader.cancel().catch(() => {});
    throw reason;
  }
}

// Gathers what comes in pieces of any length into blocks: writing and handing over costs the same for a small one.
class Gathered {
  #block = new Uint8Array(blockSize);
  #filled = 0;

  *add(piece: Uint8Array): Generator<Block> {
    for (let at = 0; at < piece.byteLength; ) {
      const taken = piece.subarray(at, at + blockSize - this.#filled);
      this.#block.set(taken, this.#filled);
      this.#filled += taken.byteLength;
      at += taken.byteLength;
      if (this.#filled === blockSize) yield this.#take();
    }
  }

  *rest(): Generator<Block> {
    if (this.#filled > 0) yield this.#take();
  }

  #take(): Block {
    const block = this.#block.subarray(0, this.#filled);
    this.#block = new Uint8Array(blockSize);
    this.#filled = 0;
    return block;
  }
}
