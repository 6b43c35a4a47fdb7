import { type UserSort, userSortKeys } from '@/api/keys';

/** The view of the Users screen, parsed and validated from the address. */
export interface View {
  /** A user store's id, or `all`. */
  store: string;
  /** The filter's JSON text; "" for none. */
  filter: string;
  search: string;
  sort: UserSort;
  /** The start of the page; null for the first one. */
  cursor: string | null;
  /** The number of the page, from 1; null if the address has none. */
  page: number | null;
  limit: number;
  /** The user whose drawer is open. */
  user: string | null;
  /** The id of a saved filter that does not exist: the route replaces those that do by their conditions. */
  missing: string | null;
}

/** The view as search parameters. Default values are omitted. */
export interface Search {
  store?: string | undefined;
  filter?: string | undefined;
  search?: string | undefined;
  sort?: string | undefined;
  cursor?: string | undefined;
  page?: string | undefined;
  limit?: string | undefined;
  user?: string | undefined;
  saved?: string | undefined;
  /** `export` opens the export dialog. */
  dialog?: string | undefined;
}

/** The page sizes, in users. */
export const limits: readonly number[] = [25, 50, 100];
const defaultLimit = 25;
const sorts: readonly UserSort[] = userSortKeys.flatMap((key) => (key === 'id' ? '-id' : [key, `-${key}` as const]));
const searchBytes = 256; // the limit of the server

/** Parses the search parameters. Invalid values are ignored, except the filter, which `parseFilter` validates. */
export function readView(search: Search): View {
  const cursor = search.cursor || null;
  const limit = Number(search.limit);
  const page = /^[1-9]\d{0,8}$/.test(search.page ?? '') ? Number(search.page) : null;
  return {
    store: search.store || 'all',
    filter: search.filter ?? '',
    search: truncated(search.search ?? ''),
    sort: sorts.find((sort) => sort === search.sort) ?? '',
    cursor,
    page: cursor === null ? 1 : page,
    limit: limits.includes(limit) ? limit : defaultLimit,
    user: search.user || null,
    missing: search.saved || null,
  };
}

/** Returns the view with another query: on the first page, with the drawer closed. */
export function withQuery(
  before: Search,
  change: { store?: string; filter?: string | undefined; search?: string; sort?: UserSort; limit?: number },
): Search {
  const { cursor: _cursor, page: _page, user: _user, saved: _saved, ...kept } = before;
  return {
    ...kept,
    ...('store' in change && param('store', change.store, 'all')),
    ...('filter' in change && param('filter', change.filter)),
    ...(change.search !== undefined && param('search', truncated(change.search.trim()))),
    ...(change.sort !== undefined && param('sort', change.sort)),
    ...(change.limit !== undefined && param('limit', String(change.limit), String(defaultLimit))),
  };
}

/** Returns the view of the next or previous page. The first page has no cursor, so it always starts with the first user. */
export function withPage(before: Search, step: 1 | -1, cursor: string): Search {
  const { page } = readView(before);
  const next = page === null ? null : page + step;
  const first = next !== null && next <= 1;
  return {
    ...before,
    ...param('cursor', first ? '' : cursor),
    ...param('page', first || next === null ? '' : String(next)),
  };
}

/** Returns the view with the drawer of a user, or without one for null. */
export function withUser(before: Search, user: string | null): Search {
  return { ...before, ...param('user', user ?? '') };
}

/** Returns the view without the request for the export dialog. */
export function withoutDialog({ dialog: _dialog, ...view }: Search): Search {
  return view;
}

// Omits a value that is empty or equals its default.
function param(name: keyof Search, value = '', defaultValue = ''): Search {
  return { [name]: value === defaultValue ? undefined : value };
}

// Cuts the text to the limit of the server, between characters.
function truncated(text: string): string {
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
