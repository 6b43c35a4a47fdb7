import { queryOptions, useQuery } from '@tanstack/react-query';
import { answered, api, inTenant } from './client';
import { keepWithin } from './keep';
import { keys, type UserPageQuery, type UserQuery } from './keys';

export type { UserPageQuery, UserQuery };

/** One page of users. The page before stays, as placeholder data, until the next is there. */
export function useUsers(tenant: string, query: UserPageQuery) {
  return useQuery({
    queryKey: keys.users(tenant, query),
    queryFn: ({ signal }) => {
      const { store, filter, search, cursor, limit } = query;
      const asked = {
        store,
        limit,
        ...(filter && { filter: JSON.stringify(filter) }),
        ...(search && { search }),
        ...(cursor && { cursor }),
      };
      return answered(api.GET('/v4/users', { params: { query: asked, header: inTenant(tenant) }, signal }));
    },
    placeholderData: keepWithin(tenant),
  });
}

/** How many users match. */
export function userCountQuery(tenant: string, query: UserQuery) {
  return queryOptions({
    queryKey: keys.userCount(tenant, query),
    queryFn: async ({ signal }) => {
      const { store, filter, search } = query;
      const body = { store, filter, ...(search && { search }) };
      return (await answered(api.POST('/v4/user-counts', { params: { header: inTenant(tenant) }, body, signal })))
        .users;
    },
    staleTime: 30_000,
  });
}

const everyone: UserQuery = { store: 'all', filter: null, search: '' };

/** How many users match; null asks nothing. The last answer stays meanwhile. */
export function useUserCount(tenant: string, query: UserQuery | null) {
  return useQuery({
    ...userCountQuery(tenant, query ?? everyone),
    enabled: query !== null,
    placeholderData: keepWithin(tenant),
  });
}
