import { useQuery } from '@tanstack/react-query';
import { answered, api, inTenant } from './client';
import { keys } from './keys';

/** What the tenant has switched on. */
export function useFeatures(tenant: string) {
  return useQuery({
    queryKey: keys.features(tenant),
    queryFn: ({ signal }) => answered(api.GET('/v4/features', { params: { header: inTenant(tenant) }, signal })),
    staleTime: 60_000,
  });
}
