import { queryOptions, useQuery } from '@tanstack/react-query';
import { answered, api, inTenant } from './client';
import { keys } from './keys';

/** The query for the tenant's user stores, sorted by title. */
export function storesQuery(tenant: string) {
  return queryOptions({
    queryKey: keys.stores(tenant),
    queryFn: async ({ signal }) =>
      (await answered(api.GET('/v4/user-stores', { params: { header: inTenant(tenant) }, signal }))).results,
    staleTime: 5 * 60_000,
  });
}

/** Returns the answer of `storesQuery`. */
export const useStores = (tenant: string) => useQuery(storesQuery(tenant));
