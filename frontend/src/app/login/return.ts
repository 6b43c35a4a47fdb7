/** Where a log-in leads back to: an address of this console, never of another host. */
export function safeReturn(wanted: string | undefined): string {
  // The base is never asked for anything: it only shows whether the address leaves its host.
  const base = 'http://console.invalid';
  if (!wanted?.startsWith('/') || !URL.canParse(wanted, base)) return '/';
  const url = new URL(wanted, base);
  if (url.origin !== base || url.pathname.startsWith('//') || /^\/(login|invitation)/.test(url.pathname)) return '/';
  return `${url.pathname}${url.search}${url.hash}`;
}

/** The page at an address, by its name; undefined for the start. */
export function placeOf(address: string): { name: string; filtered: boolean } | undefined {
  const { pathname, searchParams } = new URL(address, 'http://console.invalid');
  const [page, item] = /^\/t\/[^/]+\/(.+)$/.exec(pathname)?.[1]?.split('/') ?? [];
  const name = page === 'users' ? 'Users' : page === 'exports' ? (item ? 'this export' : 'Exports') : undefined;
  return name === undefined ? undefined : { name, filtered: searchParams.has('filter') };
}
