import type { Block } from './sink';
import { askWorker } from './worker-port';

/** Computes the SHA-256 of one file after the other. */
export interface Hasher {
  /** Takes the block for good: its memory goes along. Resolves when there is room for the next one. */
  update(block: Block): Promise<void>;
  /** Ends a file: its SHA-256 in lower-case hex. The next block begins another file. */
  digest(): Promise<string>;
  /** Forgets the file that was begun, and frees everything. */
  end(): void;
}

/** Hashes in a thread of its own, so that the page stays quick. Resolves when that has begun. */
export async function workerHasher(): Promise<Hasher> {
  const worker = new Worker(new URL('./hash-worker.ts', import.meta.url), { type: 'module' });
  const ask = askWorker(worker);
  await ask({ do: 'begin' });
  return {
    update: async (block) => void (await ask({ do: 'update', block }, [block.buffer])),
    digest: async () => String(await ask({ do: 'digest' })),
    end: () => worker.terminate(),
  };
}
