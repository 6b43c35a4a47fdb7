import { folder, lockName } from './opfs-sink';

const maxAge = 24 * 60 * 60 * 1000; // ms, in browsers without locks

/**
 * Removes files that crashed or closed tabs left in the browser's storage. A lock protects the
 * files of open tabs.
 */
export async function removeLeftovers(now = Date.now()): Promise<void> {
  try {
    const dir = await (await navigator.storage.getDirectory()).getDirectoryHandle(folder);
    const names: string[] = [];
    for await (const name of dir.keys()) names.push(name);
    await Promise.all(names.map((name) => removeUnheld(dir, name, now)));
  } catch {
    // The folder or the storage does not exist.
  }
}

async function removeUnheld(dir: FileSystemDirectoryHandle, name: string, now: number): Promise<void> {
  const remove = () => dir.removeEntry(name).catch(() => {});
  if (navigator.locks) {
    await navigator.locks.request(lockName(name), { ifAvailable: true }, (lock) => lock && remove());
    return;
  }
  const { lastModified } = await (await dir.getFileHandle(name)).getFile();
  if (now - lastModified > maxAge) await remove();
}
