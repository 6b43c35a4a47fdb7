import { infiniteQueryOptions, useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { type AuditKind, answered, api, inTenant } from './client';
import { keys } from './keys';

/** The records to return. */
export interface AuditQuery {
  /** The kinds to return; empty for all. */
  kinds: readonly AuditKind[];
  search: string;
  /** Days, as "2026-01-31"; "" for no bound. */
  from: string;
  to: string;
}

const pageSize = 50;

function asked({ kinds, search, from, to }: AuditQuery) {
  return {
    ...(kinds.length > 0 && { kind: [...kinds] }),
    ...(search && { search }),
    ...(from && { from }),
    ...(to && { to }),
  };
}

/** Returns the records of `auditLogQuery`. */
export function useAuditLog(tenant: string, query: AuditQuery) {
  return useInfiniteQuery(auditLogQuery(tenant, query));
}

/** The query for the tenant's audit log, newest first, page by page. */
export function auditLogQuery(tenant: string, query: AuditQuery) {
  return infiniteQueryOptions({
    queryKey: keys.auditLog(tenant, query),
    queryFn: async ({ pageParam, signal }) => {
      const params = {
        query: { ...asked(query), limit: pageSize, ...(pageParam && { cursor: pageParam }) },
        header: inTenant(tenant),
      };
      const page = await answered(api.GET('/v4/audit-log', { params, signal }));
      // The server answers with JSON lines only if the request has `after`.
      if (!('results' in page)) throw new TypeError('The audit log was returned as JSON lines');
      return page;
    },
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
  });
}

/** Saves all matching records as CSV. */
export function useSaveAuditLog(tenant: string, query: AuditQuery) {
  return useMutation({
    mutationFn: async () => {
      const params = { query: asked(query), header: inTenant(tenant) };
      save(await answered(api.GET('/v4/audit-log.csv', { params, parseAs: 'blob' })), `audit_${tenant}.csv`);
    },
  });
}

// Saves a file. The URL is revoked a minute later, when the browser has read it.
function save(file: Blob | string, name: string): void {
  const url = URL.createObjectURL(typeof file === 'string' ? new Blob([file]) : file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
