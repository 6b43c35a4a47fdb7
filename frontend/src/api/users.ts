import { queryOptions, useQuery } from '@tanstack/react-query';
import { ahead } from './ahead';
import { answered, api, inTenant, type UserPage } from './client';
import { exactLater, isExact } from './exact-later';
import { keepWithin } from './keep';
import { keys, type UserPageQuery, type UserQuery } from './keys';

export type { UserPageQuery, UserQuery };

// Matches numbers that JavaScript may round. The code that keeps them is loaded only for such a
// page.
const longNumber = /\d[\d.]{15}/;

/** The query for one page of users. A page that was loaded ahead is not loaded again at once. */
export function usersQuery(tenant: string, query: UserPageQuery) {
  return queryOptions({
    queryKey: keys.users(tenant, query),
    queryFn: async ({ signal }) => {
      const { store, filter, search, sort, cursor, limit } = query;
      const asked = {
        store,
        limit,
        ...(filter && { filter: JSON.stringify(filter) }),
        ...(search && { search }),
        ...(sort && { sort }),
        ...(cursor && { cursor }),
      };
      const params = { query: asked, header: inTenant(tenant) };
      const text = await answered(api.GET('/v4/users', { params, parseAs: 'text', signal }));
      if (longNumber.test(text)) return (await import('./exact-page')).exactPage(text);
      return JSON.parse(text) as UserPage;
    },
    structuralSharing: false, // sharing copies objects by assignment, which loses an attribute called __proto__
    staleTime: ahead,
  });
}

const everyone: UserQuery = { store: 'all', filter: null, search: '' };

/**
 * Returns one page of users; no request for null. The previous page stays as placeholder data until
 * the next one arrives.
 */
export function useUsers(tenant: string, query: UserPageQuery | null) {
  return useQuery({
    ...usersQuery(tenant, query ?? { ...everyone, sort: '', cursor: null, limit: 1 }),
    enabled: query !== null,
    placeholderData: keepWithin(tenant),
  });
}

/** The query for the number of matching users: first an estimate where counting is slow. */
export function userCountQuery(tenant: string, query: UserQuery) {
  return queryOptions({
    queryKey: keys.userCount(tenant, query),
    queryFn: ({ client, queryKey, signal }) => {
      const { store, filter, search } = query;
      const body = { store, filter, ...(search && { search }) };
      return exactLater({ client, queryKey }, isExact, (estimate) => {
        const params = { header: inTenant(tenant), ...(estimate && { query: { estimate } }) };
        return answered(api.POST('/v4/user-counts', { params, body, signal }));
      });
    },
    staleTime: 30_000,
  });
}

/**
 * Returns the number of matching users; no request for null or while `wanted` is false. Keeps the
 * previous answer.
 */
export function useUserCount(tenant: string, query: UserQuery | null, wanted = true) {
  return useQuery({
    ...userCountQuery(tenant, query ?? everyone),
    enabled: query !== null && wanted,
    placeholderData: keepWithin(tenant),
  });
}
