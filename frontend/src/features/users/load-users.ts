import type { QueryClient } from '@tanstack/react-query';
import { storesQuery } from '@/api/stores';
import { schemaQuery } from '@/api/user-schema';
import { usersQuery } from '@/api/users';
import { parseFilter } from '@/filter/filter';
import { readView, type Search } from './view/view';

const patience = 100; // ms

/**
 * Asks for what the Users screen shows first, while its code is still loading: the rows and their columns. Figures
 * and counts follow the rows. It resolves once the answers are there, or after 100 ms: then the screen shows its
 * skeleton. Errors appear on the screen.
 */
export async function loadUsers(client: QueryClient, tenant: string, address: Search): Promise<void> {
  const { store, filter: text, search, sort, cursor, limit } = readView(address);
  const { filter, error } = parseFilter(text || undefined);
  const answers = Promise.all([
    client.prefetchQuery(schemaQuery(tenant)),
    client.prefetchQuery(storesQuery(tenant)),
    !error && client.prefetchQuery(usersQuery(tenant, { store, filter, search, sort, cursor, limit })),
  ]);
  await Promise.race([answers, new Promise((resolve) => setTimeout(resolve, patience))]);
}
