import { useQuery } from '@tanstack/react-query';
import { answered, api, inTenant } from './client';
import { keepWithin } from './keep';
import { keys } from './keys';

/** Returns the figures of a user store, or of `all`. */
export function useFigures(tenant: string, store: string) {
  return useQuery({
    queryKey: keys.figures(tenant, store),
    queryFn: ({ signal }) =>
      answered(api.GET('/v4/figures', { params: { query: { store }, header: inTenant(tenant) }, signal })),
    placeholderData: keepWithin(tenant),
    staleTime: 30_000,
  });
}
