import type { Query } from '@tanstack/react-query';

/**
 * Keeps the answer before on the screen until the next is there, but never over the border of a tenant. For
 * `placeholderData`; the tenant is the second part of every key.
 */
export function keepWithin(tenant: string) {
  return <T>(before: T | undefined, query: Pick<Query, 'queryKey'> | undefined): T | undefined =>
    query?.queryKey[1] === tenant ? before : undefined;
}
