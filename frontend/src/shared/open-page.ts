/**
 * Loads the document of another address of this host. The pages before the log-in and the console are two
 * applications, so a way from one to the other is no navigation of the router.
 */
export function openPage(address: string, { replace = false } = {}): void {
  if (replace) location.replace(address);
  else location.assign(address);
}
