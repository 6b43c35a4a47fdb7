import { useQuery } from '@tanstack/react-query';
import { answered, api, inTenant } from './client';
import { keys } from './keys';

/** Returns the tenant's user stores, sorted by title. */
export function useStores(tenant: string) {
  return useQuery({
    queryKey: keys.stores(tenant),
    queryFn: async ({ signal }) =>
      (await answered(api.GET('/v4/user-stores', { params: { header: inTenant(tenant) }, signal }))).results,
    staleTime: 5 * 60_000,
  });
}
