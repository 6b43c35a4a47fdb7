import { useQuery } from '@tanstack/react-query';
import { answered, api, type Definition, inTenant } from './client';
import { keepWithin } from './keep';
import { keys } from './keys';

const nothing: Definition = { include: { attributes: false, foreignKeys: false, grants: false } };

/**
 * Returns the columns, first rows, likely size and notes of a file; no request for null. Keeps the
 * previous answer.
 */
export function usePreview(tenant: string, definition: Definition | null) {
  return useQuery({
    queryKey: keys.preview(tenant, definition ?? nothing),
    queryFn: ({ signal }) =>
      answered(
        api.POST('/v4/user-export-previews', {
          params: { header: inTenant(tenant) },
          body: definition ?? nothing,
          signal,
        }),
      ),
    enabled: definition !== null,
    placeholderData: keepWithin(tenant),
    staleTime: 30_000,
  });
}

/** Returns the number of users in an export; no request for null. Keeps the previous answer. */
export function useExportCount(tenant: string, definition: Definition | null) {
  return useQuery({
    queryKey: keys.exportCount(tenant, definition ?? nothing),
    queryFn: async ({ signal }) => {
      const params = { header: inTenant(tenant) };
      return (await answered(api.POST('/v4/user-export-counts', { params, body: definition ?? nothing, signal })))
        .users;
    },
    enabled: definition !== null,
    placeholderData: keepWithin(tenant),
    staleTime: 30_000,
  });
}
