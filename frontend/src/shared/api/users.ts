import { useQuery } from '@tanstack/react-query';
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

/** How many users match; null asks nothing. */
export function useUserCount(tenant: string, query: UserQuery | null) {
  return useQuery({
    queryKey: keys.userCount(tenant, query ?? { store: 'all', filter: null, search: '' }),
    queryFn: async ({ signal }) => {
      const { store, filter, search } = query ?? { store: 'all', filter: null, search: '' };
      const body = { store, filter, ...(search && { search }) };
      return (await answered(api.POST('/v4/user-counts', { params: { header: inTenant(tenant) }, body, signal })))
        .users;
    },
    enabled: query !== null,
    placeholderData: keepWithin(tenant),
    staleTime: 30_000,
  });
}

/** One user, with the names of the accounts involved; null asks nothing. */
export function useUser(tenant: string, userId: string | null) {
  return useQuery({
    queryKey: keys.user(tenant, userId ?? ''),
    queryFn: ({ signal }) =>
      answered(
        api.GET('/v4/users/{userId}', {
          params: { path: { userId: userId ?? '' }, header: inTenant(tenant) },
          signal,
        }),
      ),
    enabled: userId !== null,
    placeholderData: keepWithin(tenant),
  });
}
