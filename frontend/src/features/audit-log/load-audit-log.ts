import type { QueryClient } from '@tanstack/react-query';
import { type AuditQuery, auditLogQuery } from '@/api/audit-log';
import { cachedRole } from '@/api/me';
import { groups } from './actions';

/** The filter of the Activity screen as search parameters. */
export interface Search {
  what?: string | undefined;
  search?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

/** Returns what the screen asks the server for. */
export function askedRecords({ what = '', search = '', from = '', to = '' }: Search): AuditQuery {
  return { kinds: groups[what]?.kinds ?? [], search, from, to };
}

/** Loads what the Activity screen shows first: the newest records. Only owners see them. */
export async function loadAuditLog(client: QueryClient, tenant: string, address: Search): Promise<void> {
  if (cachedRole(client, tenant) !== 'owner') return;
  await client.prefetchInfiniteQuery(auditLogQuery(tenant, askedRecords(address)));
}
