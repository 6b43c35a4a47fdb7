/**
 * Removes a chosen file that is still empty. A file with content belongs to the admin and stays.
 */
export async function removeEmpty(handle: FileSystemFileHandle): Promise<void> {
  try {
    if ((await handle.getFile()).size === 0) await handle.remove?.();
  } catch {
    // Another program may have removed or locked it.
  }
}
