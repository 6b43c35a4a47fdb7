import type { QueryClient } from '@tanstack/react-query';
import type { Job } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { applyEvent, type JobEvent, type Jobs, newerJob } from './cache';
import { applyToPages, type JobPages } from './pages';

/**
 * Writes one event to every place of the Query cache that holds jobs. A snapshot, and what is said to be `mine`, is of
 * this admin's own jobs; of other events only jobs that are known as such are.
 */
export function writeEvent(client: QueryClient, tenant: string, event: JobEvent, whose?: 'mine'): void {
  const own = client.getQueryData<Jobs>(keys.liveJobs(tenant));
  const mine = whose === 'mine' || event.type === 'snapshot' || own?.some(({ jobId }) => jobId === event.job.jobId);
  if (mine) client.setQueryData<Jobs>(keys.liveJobs(tenant), applyEvent(own ?? [], event));

  for (const job of event.type === 'job' ? [event.job] : event.jobs) {
    // Only where a page asked for it: a cache of every job would be kept for nothing.
    client.setQueryData<Job>(keys.job(tenant, job.jobId), (known) => known && newerJob(known, job));
  }
  for (const requester of mine ? (['me', 'all'] as const) : (['all'] as const)) {
    client.setQueryData<JobPages>(keys.jobs(tenant, requester), (list) => list && applyToPages(list, event));
  }
}

/** The newest state of a job that the cache has; undefined for one that it does not have. */
export function knownJob(client: QueryClient, tenant: string, jobId: string): Job | undefined {
  const listed = (['me', 'all'] as const).flatMap(
    (requester) => client.getQueryData<JobPages>(keys.jobs(tenant, requester))?.pages ?? [],
  );
  const known = [
    client.getQueryData<Job>(keys.job(tenant, jobId)),
    ...(client.getQueryData<Jobs>(keys.liveJobs(tenant)) ?? []),
    ...listed.flatMap(({ results }) => results),
  ];
  return known
    .filter((job) => job?.jobId === jobId)
    .reduce((newest, job) => (job ? newerJob(newest, job) : newest), undefined);
}
