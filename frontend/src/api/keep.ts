import type { Query } from '@tanstack/react-query';

/**
 * Returns a function for `placeholderData`: it keeps the previous answer until the next one
 * arrives, but never shows one tenant's data in another. The tenant is the second part of every
 * key.
 */
export function keepWithin(tenant: string) {
  return <T>(before: T | undefined, query: Pick<Query, 'queryKey'> | undefined): T | undefined =>
    query?.queryKey[1] === tenant ? before : undefined;
}
