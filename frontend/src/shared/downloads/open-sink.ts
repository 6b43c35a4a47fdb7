import { diskSink } from './disk-sink';
import { memorySink } from './memory-sink';
import type { Sink } from './sink';
import { storedSink } from './stored-sink';

/** Opens the best sink that there is: the chosen file, else the browser's storage, else memory. */
export async function openSink(chosen: FileSystemFileHandle | undefined, unique: string): Promise<Sink> {
  if (chosen) return diskSink(chosen);
  try {
    return await storedSink(unique);
  } catch {
    return memorySink(); // no secure context, a private window, an old browser
  }
}
