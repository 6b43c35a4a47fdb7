/** Removes a chosen file that nothing was written to. One that holds something is not ours to remove. */
export async function removeEmpty(handle: FileSystemFileHandle): Promise<void> {
  try {
    if ((await handle.getFile()).size === 0) await handle.remove?.();
  } catch {
    // It may have been removed, or be another program's by now.
  }
}
