import type { QueryClient } from '@tanstack/react-query';
import { keyPairsQuery } from '@/api/key-pairs';
import { cachedRole } from '@/api/me';

/** Loads what the API keys screen shows first. Viewers have no keys. */
export async function loadKeyPairs(client: QueryClient, tenant: string): Promise<void> {
  if (cachedRole(client, tenant) !== 'viewer') await client.prefetchQuery(keyPairsQuery(tenant));
}
