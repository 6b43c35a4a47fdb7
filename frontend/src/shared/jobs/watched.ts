/** The tenants whose jobs are followed; the one on the screen is the first. */
export type Watched = readonly string[];

const most = 3; // sockets of one tab; an admin may have 20 in all

/**
 * Says which tenants to follow: the one on the screen, and those that were left while a job lived there, until it has
 * ended and longer, so that its outcome can still be read. Pure: what does not change comes back itself.
 */
export function watch(before: Watched, tenant: string, lives: (tenant: string) => boolean): Watched {
  const [front] = before;
  if (front === tenant) return before;
  const left = before.filter((of) => of !== tenant && (of !== front || lives(of)));
  return [tenant, ...left].slice(0, most);
}
