import { hashKey, type QueryClient, type QueryKey } from '@tanstack/react-query';
import type { Definition, Rule } from './client';

/** The users that a list, a count or a page is about. */
export interface UserQuery {
  /** A user store's id, or `all`. */
  store: string;
  filter: Rule | null;
  search: string;
}

/** The values by which the API sorts a list of users: those of an index. */
export const userSortKeys = ['id', 'email_address', 'username', 'registered', 'last_login', 'updated'] as const;

/** One of the values by which a list of users can be sorted. */
export type UserSortKey = (typeof userSortKeys)[number];

/** The order of a list of users; "" for that of ids. A "-" begins a descending order. */
export type UserSort = UserSortKey | `-${UserSortKey}` | '';

/** A page of a list of users. */
export interface UserPageQuery extends UserQuery {
  /** `next` or `previous` of another page; null for the first page. */
  cursor: string | null;
  limit: number;
  sort: UserSort;
}

// Every key of tenant data starts with the tenant, so that two tenants never share an answer.
const of = (tenant: string) => ['tenant', tenant] as const;

/** All keys of the Query cache. */
export const keys = {
  me: ['me'] as const,
  account: ['account'] as const,
  ownSessions: ['own-sessions'] as const,
  invitation: (token: string) => ['invitation', token] as const,
  passwordReset: (token: string) => ['password-reset', token] as const,
  tenant: of,
  features: (tenant: string) => [...of(tenant), 'features'] as const,
  settings: (tenant: string) => [...of(tenant), 'settings'] as const,
  schema: (tenant: string) => [...of(tenant), 'schema'] as const,
  stores: (tenant: string) => [...of(tenant), 'stores'] as const,
  savedFilters: (tenant: string) => [...of(tenant), 'saved-filters'] as const,
  preferences: (tenant: string) => [...of(tenant), 'preferences'] as const,
  figures: (tenant: string, store: string) => [...of(tenant), 'figures', store] as const,
  users: (tenant: string, query: UserPageQuery) => [...of(tenant), 'users', query] as const,
  userCount: (tenant: string, query: UserQuery) => [...of(tenant), 'user-count', query] as const,
  user: (tenant: string, userId: string) => [...of(tenant), 'user', userId] as const,
  /** All lists of jobs. */
  jobLists: (tenant: string) => [...of(tenant), 'jobs'] as const,
  /** Everyone's jobs, the admin's own, or those of an address, page by page; `filter` selects some of them. */
  jobs: (tenant: string, requester: string, filter?: unknown) =>
    [...of(tenant), 'jobs', requester, ...(filter ? [filter] : [])] as const,
  exportDays: (tenant: string, zone: string) => [...of(tenant), 'export-days', zone] as const,
  keptDays: (tenant: string, zone: string) => [...of(tenant), 'kept-days', zone] as const,
  job: (tenant: string, jobId: string) => [...of(tenant), 'job', jobId] as const,
  /** The admin's own live and recent jobs, as the socket reports them. */
  liveJobs: (tenant: string) => [...of(tenant), 'live-jobs'] as const,
  outbox: (tenant: string) => [...of(tenant), 'outbox'] as const,
  outboxMail: (tenant: string, mailId: string) => [...of(tenant), 'outbox-mail', mailId] as const,
  members: (tenant: string) => [...of(tenant), 'members'] as const,
  memberSessions: (tenant: string, userId: string) => [...of(tenant), 'member-sessions', userId] as const,
  keyPairs: (tenant: string) => [...of(tenant), 'key-pairs'] as const,
  auditLog: (tenant: string, query: unknown) => [...of(tenant), 'audit-log', query] as const,
  preview: (tenant: string, definition: Definition) => [...of(tenant), 'preview', definition] as const,
};

/**
 * Clears everything that was read under another session, except for the query that is still shown.
 */
export function forgetAllBut(client: QueryClient, shown: QueryKey): void {
  client.removeQueries({ predicate: ({ queryHash }) => queryHash !== hashKey(shown) });
}
