import type { QueryClient, QueryKey } from '@tanstack/react-query';
import type { Job } from '@/api/client';
import { keys } from '@/api/keys';
import { applyEvent, type JobEvent, type Jobs, newerJob, type SocketEvent, withProgress } from './events';
import { applyToPages, type JobPages, replaceInPages } from './pages';

/**
 * Writes one event of the socket, which is about the admin's own jobs. Progress of a job that is not
 * cached makes the query for the own jobs load again.
 */
export function writeSocketEvent(client: QueryClient, tenant: string, event: SocketEvent): void {
  if (event.type !== 'progress') {
    writeEvent(client, tenant, event, 'mine');
    return;
  }
  const known = cachedJob(client, tenant, event.jobId);
  if (!known) {
    void client.invalidateQueries({ queryKey: keys.liveJobs(tenant) }, { cancelRefetch: false });
    return;
  }
  const job = withProgress(known, event);
  if (job !== known) writeEvent(client, tenant, { type: 'job', job }, 'mine');
}

/**
 * Writes one event to every query in the cache that holds jobs. Snapshots, and events with `mine`,
 * are about the admin's own jobs. Any other job counts as the admin's own only if the cache already
 * lists it so.
 */
export function writeEvent(client: QueryClient, tenant: string, event: JobEvent, whose?: 'mine'): void {
  const own = client.getQueryData<Jobs>(keys.liveJobs(tenant));
  const moved = (event.type === 'job' ? [event.job] : event.jobs).some((job) => changesStatus(client, tenant, job));
  const mine = whose === 'mine' || event.type === 'snapshot' || own?.some(({ jobId }) => jobId === event.job.jobId);
  if (mine) client.setQueryData<Jobs>(keys.liveJobs(tenant), applyEvent(own ?? [], event));

  for (const job of event.type === 'job' ? [event.job] : event.jobs) {
    // Update only jobs that a page has loaded, so that the cache does not grow with every job.
    client.setQueryData<Job>(keys.job(tenant, job.jobId), (known) => known && newerJob(known, job));
  }
  for (const requester of mine ? (['me', 'all'] as const) : (['all'] as const)) {
    client.setQueryData<JobPages>(keys.jobs(tenant, requester), (list) => list && applyToPages(list, event));
  }
  for (const { queryKey } of client.getQueryCache().findAll({ queryKey: keys.jobLists(tenant) })) {
    if (!isFiltered(queryKey)) continue;
    // Only the server knows which jobs a filter selects.
    client.setQueryData<JobPages>(queryKey, (list) => list && replaceInPages(list, event));
    if (moved) void client.invalidateQueries({ queryKey, exact: true }, { cancelRefetch: false });
  }
}

function changesStatus(client: QueryClient, tenant: string, job: Job): boolean {
  const known = cachedJob(client, tenant, job.jobId);
  return !known || (known.status !== job.status && known.version < job.version);
}

// Whether a list shows only some of everyone's or of the admin's own jobs.
function isFiltered(key: QueryKey): boolean {
  const [, , , requester, filter] = key;
  return filter !== undefined || (requester !== 'me' && requester !== 'all');
}

/** Returns the newest cached state of a job; undefined if the job is not cached. */
export function cachedJob(client: QueryClient, tenant: string, jobId: string): Job | undefined {
  const listed = client
    .getQueriesData<JobPages>({ queryKey: keys.jobLists(tenant) })
    .flatMap(([, list]) => list?.pages ?? []);
  const known = [
    client.getQueryData<Job>(keys.job(tenant, jobId)),
    ...(client.getQueryData<Jobs>(keys.liveJobs(tenant)) ?? []),
    ...listed.flatMap(({ results }) => results),
  ];
  return known
    .filter((job) => job?.jobId === jobId)
    .reduce((newest, job) => (job ? newerJob(newest, job) : newest), undefined);
}
