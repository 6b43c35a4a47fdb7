/** The tenants whose jobs are watched. The first one is on the screen. */
export type WatchedTenants = readonly string[];

const maxTenants = 3; // one socket each; the server allows an admin 20 sockets

/**
 * Returns the tenants to watch: the one on the screen, then those that the admin left while a job
 * was live there. They stay watched after the job has ended, so that its outcome is shown. Returns
 * `before` itself if nothing changed.
 */
export function watchTenants(
  before: WatchedTenants,
  tenant: string,
  lives: (tenant: string) => boolean,
): WatchedTenants {
  const [front] = before;
  if (front === tenant) return before;
  const left = before.filter((of) => of !== tenant && (of !== front || lives(of)));
  return [tenant, ...left].slice(0, maxTenants);
}
