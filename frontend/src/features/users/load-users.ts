import type { QueryClient } from '@tanstack/react-query';
import { storesQuery } from '@/api/stores';
import { schemaQuery } from '@/api/user-schema';
import { usersQuery } from '@/api/users';
import { parseFilter } from '@/filter/filter';
import { readView, type Search } from './view/view';

/** Loads what the Users screen shows first: the rows and their columns. Figures and counts follow the rows. */
export async function loadUsers(client: QueryClient, tenant: string, address: Search): Promise<void> {
  const { store, filter: text, search, sort, cursor, limit } = readView(address);
  const { filter, error } = parseFilter(text || undefined);
  await Promise.all([
    client.prefetchQuery(schemaQuery(tenant)),
    client.prefetchQuery(storesQuery(tenant)),
    !error && client.prefetchQuery(usersQuery(tenant, { store, filter, search, sort, cursor, limit })),
  ]);
}
