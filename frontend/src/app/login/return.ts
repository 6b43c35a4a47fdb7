/** Returns the address to open after a log-in: an address of this console, never of another host. */
export function safeReturn(wanted: string | null): string {
  // No request goes to the base: it only shows whether the address leaves its host.
  const base = 'http://console.invalid';
  if (!wanted?.startsWith('/') || !URL.canParse(wanted, base)) return '/';
  const url = new URL(wanted, base);
  const own = /^\/(login|invitation|forgot-password|reset)/.test(url.pathname);
  if (url.origin !== base || url.pathname.startsWith('//') || own) return '/';
  return `${url.pathname}${url.search}${url.hash}`;
}

/** Returns the address of the log-in page that returns to an address of the console. */
export function loginAddress(back: string): string {
  return back === '/' ? '/login' : `/login?${new URLSearchParams({ return: back })}`;
}

/** Returns the name of the page at an address; undefined for the start page. */
export function placeOf(address: string): { name: string; filtered: boolean } | undefined {
  const { pathname, searchParams } = new URL(address, 'http://console.invalid');
  const [page, item] = /^\/t\/[^/]+\/(.+)$/.exec(pathname)?.[1]?.split('/') ?? [];
  if (pathname === '/account') return { name: 'your account', filtered: false };
  const name = page === 'users' ? 'Users' : page === 'exports' ? (item ? 'this export' : 'Exports') : undefined;
  return name === undefined ? undefined : { name, filtered: searchParams.has('filter') };
}
