import { queryOptions, useQuery } from '@tanstack/react-query';
import { answered, api, inTenant } from './client';
import { keys } from './keys';

/** The query for the tenant's attribute fields, foreign systems, app ids and products. */
export function schemaQuery(tenant: string) {
  return queryOptions({
    queryKey: keys.schema(tenant),
    queryFn: ({ signal }) => answered(api.GET('/v4/user-schema', { params: { header: inTenant(tenant) }, signal })),
    staleTime: 5 * 60_000,
  });
}

/** Returns the answer of `schemaQuery`. */
export const useSchema = (tenant: string) => useQuery(schemaQuery(tenant));
