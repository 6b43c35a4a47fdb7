import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ahead } from './ahead';
import { answered, api, type Features, inTenant } from './client';
import { keys } from './keys';

/** The name of a feature flag. */
export type Feature = keyof Features;

/** The query for the tenant's feature flags. */
export function featuresQuery(tenant: string) {
  return queryOptions({
    queryKey: keys.features(tenant),
    queryFn: ({ signal }) => answered(api.GET('/v4/features', { params: { header: inTenant(tenant) }, signal })),
    // An owner may change a flag in another tab, so every return to the tab refetches, and every new view whose flags
    // are not that new.
    staleTime: ahead,
    refetchOnWindowFocus: 'always',
  });
}

/** Sets a feature flag. The cache changes at once, and is reverted if the server refuses. */
export function useSetFeature(tenant: string) {
  const client = useQueryClient();
  const key = keys.features(tenant);
  const put = (feature: Feature, enabled: boolean) =>
    client.setQueryData<Features>(key, (now) => now && { ...now, [feature]: enabled });
  return useMutation({
    mutationKey: key,
    mutationFn: ({ feature, enabled }: { feature: Feature; enabled: boolean }) =>
      answered(
        api.PUT('/v4/features/{key}', {
          params: { path: { key: feature }, header: inTenant(tenant) },
          body: { enabled },
        }),
      ),
    onMutate: async ({ feature, enabled }) => {
      await client.cancelQueries({ queryKey: key }); // an older answer would undo the change
      const before = client.getQueryData<Features>(key)?.[feature] ?? !enabled;
      put(feature, enabled);
      return { before };
    },
    onError: (_error, { feature }, begun) => begun && put(feature, begun.before),
    onSuccess: (now, { feature }) => put(feature, now[feature]),
    onSettled: () => {
      // Only the last of several running mutations refetches. An earlier refetch would undo the
      // others' changes.
      if (client.isMutating({ mutationKey: key }) === 1) void client.invalidateQueries({ queryKey: key });
    },
  });
}

/** Returns the tenant's feature flags. */
export function useFeatures(tenant: string) {
  return useQuery(featuresQuery(tenant));
}

/**
 * Reports whether the tenant's exports are streamed to the tab that starts them; false while
 * unknown.
 */
export function useStreams(tenant: string): boolean {
  return useFeatures(tenant).data?.['feature.asyncUserExport.enabled'] === false;
}
