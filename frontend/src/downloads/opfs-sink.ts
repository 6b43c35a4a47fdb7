import { asSinkError, checkLength, type Sink } from './sink';
import { workerClient } from './worker-port';

/** The folder of unfinished files in the browser's own storage of this site. */
export const folder = 'egress-downloads';

/** Returns the name of the lock that a tab holds while it uses a file in the folder. */
export function lockName(name: string): string {
  return `egress-download:${name}`;
}

async function openFolder(): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(folder, { create: true });
}

/**
 * Writes to a file in the browser's storage (OPFS), from which it is saved later. `name` must be
 * unique.
 */
export async function opfsSink(name: string): Promise<Sink> {
  const release = await acquireLock(name);
  let dir: FileSystemDirectoryHandle;
  let out: Out;
  let handle: FileSystemFileHandle;
  try {
    dir = await openFolder();
    handle = await dir.getFileHandle(name, { create: true });
    out = 'createWritable' in handle ? await handle.createWritable() : await workerOut(name);
  } catch (reason) {
    release();
    throw reason;
  }
  let sent = 0;
  return {
    held: 'browser',
    write: async (block) => {
      await asSinkError(out.write(block));
      sent += block.byteLength;
    },
    close: async () => {
      await asSinkError(out.close());
      checkLength((await asSinkError(handle.getFile())).size, sent);
    },
    abort: async () => {
      await out.abort().catch(() => {});
      await dir.removeEntry(name).catch(() => {});
      release();
    },
    file: () => asSinkError(handle.getFile()),
  };
}

type Out = Pick<FileSystemWritableFileStream, 'abort' | 'close'> & {
  write(block: Uint8Array<ArrayBuffer>): Promise<void>;
};

// Older versions of Safari can write only in a worker.
async function workerOut(name: string): Promise<Out> {
  const worker = new Worker(new URL('./opfs-worker.ts', import.meta.url), { type: 'module' });
  const ask = workerClient(worker);
  const end = async () => {
    try {
      await ask({ do: 'close' });
    } finally {
      worker.terminate();
    }
  };
  await ask({ do: 'open', folder, name });
  return { write: async (block) => void (await ask({ do: 'write', block })), close: end, abort: end };
}

// Takes the lock that shows other tabs that the file is in use. The browser releases it when the
// tab ends.
async function acquireLock(name: string): Promise<() => void> {
  if (!navigator.locks) return () => {};
  return new Promise((held, failed) => {
    const lock = navigator.locks.request(lockName(name), () => new Promise<void>((release) => held(release)));
    lock.catch(failed);
  });
}
