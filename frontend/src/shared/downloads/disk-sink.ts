import { removeEmpty } from './chosen';
import { checkLength, type Sink, written } from './sink';

/** Writes into a file that the admin has chosen. The browser keeps a copy beside it until the end, and puts that in its place. */
export async function diskSink(handle: FileSystemFileHandle): Promise<Sink> {
  const out = await written(handle.createWritable());
  let sent = 0;
  let ended = false;
  return {
    held: 'disk',
    write: async (block) => {
      await written(out.write(block));
      sent += block.byteLength;
    },
    close: async () => {
      await written(out.close());
      ended = true;
      checkLength((await written(handle.getFile())).size, sent);
    },
    abort: async () => {
      if (ended) return removeWritten(handle);
      await out.abort().catch(() => {});
      await removeEmpty(handle);
    },
    file: async () => null,
  };
}

// A browser that cannot remove a file leaves it empty, so that it never looks whole.
async function removeWritten(handle: FileSystemFileHandle): Promise<void> {
  try {
    if (handle.remove) await handle.remove();
    else await (await handle.createWritable()).close();
  } catch {
    // It may have been removed, or be another program's by now.
  }
}
