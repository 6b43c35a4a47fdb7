import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answered, api, inTenant, type Preferences } from './client';
import { keys } from './keys';

/** The query for what the console remembers for the admin in a tenant. */
export function preferencesQuery(tenant: string) {
  return queryOptions({
    queryKey: keys.preferences(tenant),
    queryFn: ({ signal }) => answered(api.GET('/v4/preferences', { params: { header: inTenant(tenant) }, signal })),
    staleTime: 30_000,
  });
}

/** Returns the answer of `preferencesQuery`. */
export const usePreferences = (tenant: string) => useQuery(preferencesQuery(tenant));

/** Changes the given preferences. The cache changes at once. */
export function useChangePreferences(tenant: string) {
  const client = useQueryClient();
  const key = keys.preferences(tenant);
  return useMutation({
    mutationFn: (body: Partial<Preferences>) =>
      answered(api.PATCH('/v4/preferences', { params: { header: inTenant(tenant) }, body })),
    onMutate: async (change) => {
      await client.cancelQueries({ queryKey: key }); // an older answer would undo the change
      client.setQueryData<Preferences>(key, (now) => now && { ...now, ...change });
    },
    onSuccess: (now) => client.setQueryData<Preferences>(key, now),
    onError: () => void client.invalidateQueries({ queryKey: key }),
  });
}
