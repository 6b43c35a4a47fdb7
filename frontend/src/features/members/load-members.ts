import type { QueryClient } from '@tanstack/react-query';
import { cachedRole } from '@/api/me';
import { membersQuery } from '@/api/members';

/** Loads what the Members screen shows first. Only owners see it. */
export async function loadMembers(client: QueryClient, tenant: string): Promise<void> {
  if (cachedRole(client, tenant) === 'owner') await client.prefetchQuery(membersQuery(tenant));
}
