import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answered, api, type Features, inTenant } from './client';
import { keys } from './keys';

/** A switch of a tenant, by its name. */
export type Feature = keyof Features;

/** What the tenant has switched on. */
export function featuresQuery(tenant: string) {
  return queryOptions({
    queryKey: keys.features(tenant),
    queryFn: ({ signal }) => answered(api.GET('/v4/features', { params: { header: inTenant(tenant) }, signal })),
    // An owner may have switched in another tab: whoever comes to see it, or back to it, asks again.
    staleTime: 0,
    refetchOnWindowFocus: 'always',
  });
}

/** Switches a feature. What reads the features sees it at once, and sees it go back where the server refuses. */
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
      await client.cancelQueries({ queryKey: key }); // an answer from before would undo it
      const before = client.getQueryData<Features>(key)?.[feature] ?? !enabled;
      put(feature, enabled);
      return { before };
    },
    onError: (_error, { feature }, begun) => begun && put(feature, begun.before),
    onSuccess: (now, { feature }) => put(feature, now[feature]),
    onSettled: () => {
      // The last one of several that are under way asks; one before would bring back what the others change.
      if (client.isMutating({ mutationKey: key }) === 1) void client.invalidateQueries({ queryKey: key });
    },
  });
}

/** What the tenant has switched on. */
export function useFeatures(tenant: string) {
  return useQuery(featuresQuery(tenant));
}

/** Whether the tenant's exports are streamed by the tab that starts them; false while that is unknown. */
export function useStreams(tenant: string): boolean {
  return useFeatures(tenant).data?.['feature.asyncUserExport.enabled'] === false;
}
