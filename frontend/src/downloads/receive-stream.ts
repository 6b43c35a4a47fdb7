import type { Hasher } from './hash';
import type { Block, Sink } from './sink';

/** The size and hash of a received and stored file. */
export interface Receipt {
  bytes: number;
  sha256: string;
}

/** The connection was lost before the whole body arrived. */
export class BrokenStream extends Error {
  override readonly name = 'BrokenStream';
}

const blockSize = 1 << 20; // bytes

/**
 * Reads a body to its end, block by block, into the sink and the hasher, and closes the sink. It
 * does not read while the sink writes, so it holds two blocks at most. Rejects with a BrokenStream
 * if the connection is lost, and with a SinkError if the sink cannot write. Calls `arrived` with
 * the number of bytes that arrive.
 */
export async function receive(
  body: ReadableStream<Uint8Array>,
  sink: Sink,
  hasher: Hasher,
  arrived: (bytes: number) => void = () => {},
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
    const buffer = new BlockBuffer();
    const read = () =>
      reader.read().catch((cause: unknown) => Promise.reject(new BrokenStream('broken off', { cause })));
    for (let next = await read(); !next.done; next = await read()) {
      arrived(next.value.byteLength);
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

// Collects chunks of any length into blocks of 1 MiB, because a small block costs as much to write
// as a large one.
class BlockBuffer {
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
