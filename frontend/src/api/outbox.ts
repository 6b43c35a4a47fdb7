import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { answered, api, inTenant } from './client';
import { keys } from './keys';

const pageSize = 50;
const pollInterval = 10_000; // ms; no socket reports new emails

/**
 * Returns the emails in the outbox, newest first, page by page: the admin's own, and for owners
 * everyone's.
 */
export function useOutbox(tenant: string, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: keys.outbox(tenant),
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: pageSize, ...(pageParam && { cursor: pageParam }) };
      return answered(api.GET('/v4/outbox', { params: { query, header: inTenant(tenant) }, signal }));
    },
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    refetchInterval: pollInterval,
    enabled,
  });
}

/** Returns one email with its text, which never changes. */
export function useOutboxMail(tenant: string, mailId: string) {
  return useQuery({
    queryKey: keys.outboxMail(tenant, mailId),
    queryFn: ({ signal }) => {
      const params = { path: { mailId }, header: inTenant(tenant) };
      return answered(api.GET('/v4/outbox/{mailId}', { params, signal }));
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}
