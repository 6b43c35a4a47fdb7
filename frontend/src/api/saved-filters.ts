import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answered, api, inTenant, type Rule, type SavedFilter } from './client';
import { keys } from './keys';

/** The query for the tenant's saved filters, sorted by name. */
export function savedFiltersQuery(tenant: string) {
  return queryOptions({
    queryKey: keys.savedFilters(tenant),
    queryFn: async ({ signal }) =>
      (await answered(api.GET('/v4/saved-filters', { params: { header: inTenant(tenant) }, signal }))).results,
    staleTime: 30_000,
  });
}

/** Returns the answer of `savedFiltersQuery`; no request while `wanted` is false. */
export const useSavedFilters = (tenant: string, wanted = true) =>
  useQuery({ ...savedFiltersQuery(tenant), enabled: wanted });

/** Saves a filter under a name. */
export function useSaveFilter(tenant: string) {
  const settled = useSettled(tenant);
  return useMutation({
    mutationFn: (body: { name: string; filter: Rule }) =>
      answered(api.POST('/v4/saved-filters', { params: { header: inTenant(tenant) }, body })),
    ...settled,
  });
}

/** Renames a saved filter, or replaces its conditions. */
export function useChangeSavedFilter(tenant: string) {
  const settled = useSettled(tenant);
  return useMutation({
    mutationFn: ({ id, ...body }: { id: string; name?: string; filter?: Rule }) => {
      const params = { path: { filterId: id }, header: inTenant(tenant) };
      return answered(api.PATCH('/v4/saved-filters/{filterId}', { params, body }));
    },
    ...settled,
  });
}

/** Deletes a saved filter. */
export function useDeleteSavedFilter(tenant: string) {
  const settled = useSettled(tenant);
  return useMutation({
    mutationFn: ({ id }: Pick<SavedFilter, 'id'>) => {
      const params = { path: { filterId: id }, header: inTenant(tenant) };
      return answered(api.DELETE('/v4/saved-filters/{filterId}', { params }));
    },
    ...settled,
  });
}

// Reads the list again, also after a failure: the server may have made the change although its answer was lost.
function useSettled(tenant: string) {
  const client = useQueryClient();
  return { onSettled: () => client.invalidateQueries({ queryKey: keys.savedFilters(tenant) }) };
}
