import { useQuery } from '@tanstack/react-query';
import { answered, api, type Definition, inTenant, type Preview } from './client';
import { exactLater, isExact } from './exact-later';
import { keepWithin } from './keep';
import { keys } from './keys';

/** Reports whether a preview is exact and has all its rows. */
export function isSettled(preview: Pick<Preview, 'accuracy' | 'partial'>): boolean {
  return isExact(preview) && !preview.partial;
}

const nothing: Definition = { include: { attributes: false, foreignKeys: false, grants: false } };

/**
 * Returns the columns, first rows, likely size and notes of a file; no request for null. Where
 * counting is slow, the first answer is an estimate. Keeps the previous answer.
 */
export function usePreview(tenant: string, definition: Definition | null) {
  return useQuery({
    queryKey: keys.preview(tenant, definition ?? nothing),
    queryFn: ({ client, queryKey, signal }) =>
      exactLater({ client, queryKey }, isSettled, (estimate) => {
        const params = { header: inTenant(tenant), ...(estimate && { query: { estimate } }) };
        return answered(api.POST('/v4/user-export-previews', { params, body: definition ?? nothing, signal }));
      }),
    enabled: definition !== null,
    placeholderData: keepWithin(tenant),
    staleTime: 30_000,
  });
}
