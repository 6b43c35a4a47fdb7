import type { Block } from './sink';
import { workerClient } from './worker-port';

/** Computes the SHA-256 of files, one after another. */
export interface Hasher {
  /** Adds a block and takes ownership of its memory. Resolves when the next block may be added. */
  update(block: Block): Promise<void>;
  /** Ends a file and returns its SHA-256 in lower-case hex. The next block starts another file. */
  digest(): Promise<string>;
  /** Discards the current file and frees all resources. */
  end(): void;
}

/**
 * Starts a hasher in a worker, so that the page stays responsive. Resolves when the worker is
 * ready.
 */
export async function workerHasher(): Promise<Hasher> {
  const worker = new Worker(new URL('./hash-worker.ts', import.meta.url), { type: 'module' });
  const ask = workerClient(worker);
  await ask({ do: 'begin' });
  return {
    update: async (block) => void (await ask({ do: 'update', block }, [block.buffer])),
    digest: async () => String(await ask({ do: 'digest' })),
    end: () => worker.terminate(),
  };
}
