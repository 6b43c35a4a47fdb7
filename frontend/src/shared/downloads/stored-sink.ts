import { checkLength, type Sink, written } from './sink';
import { askWorker } from './worker-port';

/** The folder of unfinished files in the browser's own storage of this site. */
export const folder = 'egress-downloads';

/** The name of the lock that a tab holds while a file in the folder is its own. */
export function lockOf(name: string): string {
  return `egress-download:${name}`;
}

async function openFolder(): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(folder, { create: true });
}

/** Writes into a file in the browser's own storage, from where it is downloaded at the end. The name is anything that is unique. */
export async function storedSink(name: string): Promise<Sink> {
  const release = await hold(name);
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
      await written(out.write(block));
      sent += block.byteLength;
    },
    close: async () => {
      await written(out.close());
      checkLength((await written(handle.getFile())).size, sent);
    },
    abort: async () => {
      await out.abort().catch(() => {});
      await dir.removeEntry(name).catch(() => {});
      release();
    },
    file: () => written(handle.getFile()),
  };
}

type Out = Pick<FileSystemWritableFileStream, 'abort' | 'close'> & {
  write(block: Uint8Array<ArrayBuffer>): Promise<void>;
};

// Older Safaris write in a worker only.
async function workerOut(name: string): Promise<Out> {
  const worker = new Worker(new URL('./stored-worker.ts', import.meta.url), { type: 'module' });
  const ask = askWorker(worker);
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

// Other tabs see from the lock that the file is in use: it goes with the tab, however that ends.
async function hold(name: string): Promise<() => void> {
  if (!navigator.locks) return () => {};
  return new Promise((held, failed) => {
    const lock = navigator.locks.request(lockOf(name), () => new Promise<void>((release) => held(release)));
    lock.catch(failed);
  });
}
