import { removeEmpty } from './chosen';
import { asSinkError, checkLength, type Sink } from './sink';

/**
 * Writes to a file that the admin chose. The browser writes a temporary copy and replaces the file
 * on close.
 */
export async function diskSink(handle: FileSystemFileHandle): Promise<Sink> {
  const out = await asSinkError(handle.createWritable());
  let sent = 0;
  let ended = false;
  return {
    held: 'disk',
    write: async (block) => {
      await asSinkError(out.write(block));
      sent += block.byteLength;
    },
    close: async () => {
      await asSinkError(out.close());
      ended = true;
      checkLength((await asSinkError(handle.getFile())).size, sent);
    },
    abort: async () => {
      if (ended) return removeWritten(handle);
      await out.abort().catch(() => {});
      await removeEmpty(handle);
    },
    file: async () => null,
  };
}

// Removes a written file, or truncates it if the browser cannot remove files. So no partial file
// looks complete.
async function removeWritten(handle: FileSystemFileHandle): Promise<void> {
  try {
    if (handle.remove) await handle.remove();
    else await (await handle.createWritable()).close();
  } catch {
    // Another program may have removed or locked it.
  }
}
