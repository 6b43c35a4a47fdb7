/** What the address says about the users screen. All of it is text there; here it is checked. */
export interface View {
  /** A user store's id, or `all`. */
  store: string;
  /** The filter's JSON text; "" for none. */
  filter: string;
  search: string;
  /** Where the page begins; null for the first. */
  cursor: string | null;
  /** Which page that is, from 1; null where the address does not say. */
  page: number | null;
  limit: number;
  /** The user whose drawer is open. */
  user: string | null;
}

/** The view as the router keeps it: what is at its default is left out. */
export interface Search {
  store?: string | undefined;
  filter?: string | undefined;
  search?: string | undefined;
  cursor?: string | undefined;
  page?: string | undefined;
  limit?: string | undefined;
  user?: string | undefined;
}

/** How many users a page may hold. */
export const limits: readonly number[] = [25, 50, 100];
const usual = 25;
const searchBytes = 256; // as the server takes it

/** Reads the address. What makes no sense there is as if it were not there; a filter is judged by features/filter. */
export function readView(search: Search): View {
  const cursor = search.cursor || null;
  const limit = Number(search.limit);
  const page = /^[1-9]\d{0,8}$/.test(search.page ?? '') ? Number(search.page) : null;
  return {
    store: search.store || 'all',
    filter: search.filter ?? '',
    search: shortened(search.search ?? ''),
    cursor,
    page: cursor === null ? 1 : page,
    limit: limits.includes(limit) ? limit : usual,
    user: search.user || null,
  };
}

/** Asks another question: other users, hence from the first page, and with no drawer open. */
export function asking(
  before: Search,
  change: { store?: string; filter?: string | undefined; search?: string; limit?: number },
): Search {
  const { cursor: _cursor, page: _page, user: _user, ...kept } = before;
  return {
    ...kept,
    ...('store' in change && written('store', change.store, 'all')),
    ...('filter' in change && written('filter', change.filter)),
    ...(change.search !== undefined && written('search', shortened(change.search.trim()))),
    ...(change.limit !== undefined && written('limit', String(change.limit), String(usual))),
  };
}

/** Turns a page on or back. The first page has no cursor, so that it always begins with the first user. */
export function turned(before: Search, step: 1 | -1, cursor: string): Search {
  const { page } = readView(before);
  const next = page === null ? null : page + step;
  const first = next !== null && next <= 1;
  return {
    ...before,
    ...written('cursor', first ? '' : cursor),
    ...written('page', first || next === null ? '' : String(next)),
  };
}

/** Opens a user's drawer, or closes it. */
export function opening(before: Search, user: string | null): Search {
  return { ...before, ...written('user', user ?? '') };
}

// What is empty is left out of an address, and so is what is at its default.
function written(name: keyof Search, value = '', usually = ''): Search {
  return { [name]: value === usually ? undefined : value };
}

// Cuts between characters, never inside one.
function shortened(text: string): string {
  const bytes = (part: string) => new TextEncoder().encode(part).length;
  if (bytes(text) <= searchBytes) return text;
  let kept = '';
  let left = searchBytes;
  for (const character of text) {
    left -= bytes(character);
    if (left < 0) break;
    kept += character;
  }
  return kept;
}
