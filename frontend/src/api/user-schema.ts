import { useQuery } from '@tanstack/react-query';
import { answered, api, inTenant } from './client';
import { keys } from './keys';

/** Returns the tenant's attribute fields, foreign systems, app ids and products. */
export function useSchema(tenant: string) {
  return useQuery({
    queryKey: keys.schema(tenant),
    queryFn: ({ signal }) => answered(api.GET('/v4/user-schema', { params: { header: inTenant(tenant) }, signal })),
    staleTime: 5 * 60_000,
  });
}
