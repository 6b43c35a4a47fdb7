import { queryOptions, useQuery } from '@tanstack/react-query';
import { answered, api, inTenant } from './client';
import { keepWithin } from './keep';
import { keys } from './keys';

/**
 * The query for the figures of a user store, or of `all`, and for its registrations by the day of the browser's time
 * zone.
 */
export function figuresQuery(tenant: string, store: string) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return queryOptions({
    queryKey: keys.figures(tenant, store),
    queryFn: ({ signal }) =>
      answered(api.GET('/v4/figures', { params: { query: { store, timeZone }, header: inTenant(tenant) }, signal })),
    staleTime: 30_000,
  });
}

/** Returns the answer of `figuresQuery`; no request while `wanted` is false. Keeps the previous figures. */
export function useFigures(tenant: string, store: string, wanted = true) {
  return useQuery({ ...figuresQuery(tenant, store), enabled: wanted, placeholderData: keepWithin(tenant) });
}
