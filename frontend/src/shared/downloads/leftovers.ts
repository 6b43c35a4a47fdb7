import { folder, lockOf } from './stored-sink';

const abandoned = 24 * 60 * 60 * 1000; // ms, where no lock tells

/**
 * Removes what tabs have left in the browser's storage that crashed, or were closed while they wrote. What a living tab
 * writes is held by its lock.
 */
export async function removeLeftovers(now = Date.now()): Promise<void> {
  try {
    const dir = await (await navigator.storage.getDirectory()).getDirectoryHandle(folder);
    const names: string[] = [];
    for await (const name of dir.keys()) names.push(name);
    await Promise.all(names.map((name) => removeUnheld(dir, name, now)));
  } catch {
    // No such folder, or no such storage: nothing is left.
  }
}

async function removeUnheld(dir: FileSystemDirectoryHandle, name: string, now: number): Promise<void> {
  const remove = () => dir.removeEntry(name).catch(() => {});
  if (navigator.locks) {
    await navigator.locks.request(lockOf(name), { ifAvailable: true }, (lock) => lock && remove());
    return;
  }
  const { lastModified } = await (await dir.getFileHandle(name)).getFile();
  if (now - lastModified > abandoned) await remove();
}
