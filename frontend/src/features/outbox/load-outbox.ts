import type { QueryClient } from '@tanstack/react-query';
import { cachedRole, meQuery } from '@/api/me';
import { outboxMailQuery, outboxQuery } from '@/api/outbox';

/** Loads what the Outbox shows first: the newest emails and the chosen one. Viewers get no emails. */
export async function loadOutbox(client: QueryClient, tenant: string, chosen = ''): Promise<void> {
  if (!client.getQueryData(meQuery.queryKey)?.outbox || cachedRole(client, tenant) === 'viewer') return;
  const list = client.prefetchInfiniteQuery(outboxQuery(tenant));
  if (chosen) {
    await Promise.all([list, client.prefetchQuery(outboxMailQuery(tenant, chosen))]);
    return;
  }
  await list;
  const newest = client.getQueryData(outboxQuery(tenant).queryKey)?.pages[0]?.results[0];
  if (newest) await client.prefetchQuery(outboxMailQuery(tenant, newest.mailId));
}
