import type { QueryClient } from '@tanstack/react-query';
import { exportDaysQuery } from '@/api/export-days';
import { type JobFilter, jobsQuery } from '@/jobs/queries';
import { timeZone } from '@/shared/ui/time';
import { parseStatus } from './status-filter';

/** The filter of the Exports screen as search parameters. */
export interface Search {
  status?: string | undefined;
  requester?: string | undefined;
  search?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

/** Returns what the screen asks the server for. The filter is undefined if it selects everything. */
export function askedJobs({ status, requester = 'all', search = '', from = '', to = '' }: Search): {
  requester: string;
  filter: JobFilter | undefined;
} {
  const { statuses } = parseStatus(status);
  const filtered = statuses.length > 0 || search || from || to;
  return { requester, filter: filtered ? { statuses, search, from, to, timeZone: timeZone() } : undefined };
}

/** Loads what the Exports screen shows first: the newest exports and their days. */
export async function loadExports(client: QueryClient, tenant: string, address: Search): Promise<void> {
  const { requester, filter } = askedJobs(address);
  await Promise.all([
    client.prefetchInfiniteQuery(jobsQuery(tenant, requester, filter)),
    client.prefetchQuery(exportDaysQuery(tenant, timeZone())),
  ]);
}
