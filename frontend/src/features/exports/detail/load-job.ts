import type { QueryClient } from '@tanstack/react-query';
import { jobQuery } from '@/jobs/queries';

/** Loads the job that the screen shows. */
export async function loadJob(client: QueryClient, tenant: string, jobId: string): Promise<void> {
  await client.prefetchQuery(jobQuery(tenant, jobId));
}
