import { infiniteQueryOptions, queryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { answered, api, inTenant } from './client';
import { keys } from './keys';

const pageSize = 50;
const pollInterval = 10_000; // ms; no socket reports new emails

/** The query for the emails in the outbox, newest first, page by page: the admin's own, and for owners everyone's. */
export function outboxQuery(tenant: string) {
  return infiniteQueryOptions({
    queryKey: keys.outbox(tenant),
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: pageSize, ...(pageParam && { cursor: pageParam }) };
      return answered(api.GET('/v4/outbox', { params: { query, header: inTenant(tenant) }, signal }));
    },
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
  });
}

/** Returns the emails of `outboxQuery`, read again every 10 s. */
export function useOutbox(tenant: string, enabled: boolean) {
  return useInfiniteQuery({ ...outboxQuery(tenant), refetchInterval: pollInterval, enabled });
}

/** The query for one email with its text, which never changes. */
export function outboxMailQuery(tenant: string, mailId: string) {
  return queryOptions({
    queryKey: keys.outboxMail(tenant, mailId),
    queryFn: ({ signal }) => {
      const params = { path: { mailId }, header: inTenant(tenant) };
      return answered(api.GET('/v4/outbox/{mailId}', { params, signal }));
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Returns the email of `outboxMailQuery`. */
export function useOutboxMail(tenant: string, mailId: string) {
  return useQuery(outboxMailQuery(tenant, mailId));
}
