import type { QueryClient } from '@tanstack/react-query';
import { accountQuery, ownSessionsQuery } from '@/api/account';

/** Loads what the Account screen shows first: the account and its sessions. */
export async function loadAccount(client: QueryClient): Promise<void> {
  await Promise.all([client.prefetchQuery(accountQuery), client.prefetchQuery(ownSessionsQuery)]);
}
