import { queryOptions, useQuery } from '@tanstack/react-query';
import { answered, api, inTenant } from './client';
import { keys } from './keys';

/** What the tenant has switched on. */
export function featuresQuery(tenant: string) {
  return queryOptions({
    queryKey: keys.features(tenant),
    queryFn: ({ signal }) => answered(api.GET('/v4/features', { params: { header: inTenant(tenant) }, signal })),
    staleTime: 60_000,
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
