import {
  infiniteQueryOptions,
  type QueryClient,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { answered, api, inTenant, type Job, type JobStatus } from '@/api/client';
import { downloadLink, getJob } from '@/api/jobs';
import { keepWithin } from '@/api/keep';
import { keys } from '@/api/keys';
import { cachedJob, writeEvent } from './cache';
import { newerJob } from './events';
import { withNewest } from './pages';
import { useHasSocket } from './socket-context';
import { isLive } from './status';

const livePoll = 2_000; // ms between polls for live jobs that no socket reports
const idlePoll = 15_000; // ms between polls for jobs that others have started
const pageSize = 50;

/** The jobs that a list shows. Members that are left out select all. */
export interface JobFilter {
  statuses?: readonly JobStatus[];
  /** A part of the definition in words, of a file name or of the id. */
  search?: string;
  /** Days of the time zone, as "2026-01-31", both included. */
  from?: string;
  to?: string;
  timeZone?: string;
}

/**
 * The query for everyone's jobs, the admin's own or those of an address, newest first, page by page. The server filters
 * them.
 */
export function jobsQuery(tenant: string, requester = 'all', filter?: JobFilter) {
  return infiniteQueryOptions({
    queryKey: keys.jobs(tenant, requester, filter),
    queryFn: async ({ client, pageParam, signal }) => {
      const query = {
        limit: pageSize,
        ...(pageParam && { cursor: pageParam }),
        ...(requester !== 'all' && { requester }),
        ...(filter && asked(filter)),
      };
      const params = { query, header: inTenant(tenant) };
      const page = await answered(api.GET('/v4/user-export-jobs', { params, signal }));
      // A socket event may have arrived after the server made this answer, so newer cached states
      // and jobs are kept.
      const results = page.results.map((job) => newerJob(cachedJob(client, tenant, job.jobId), job));
      const complete = !filter && (requester === 'all' || requester === 'me');
      return pageParam || !complete ? { ...page, results } : withNewest({ ...page, results }, ownJobs(client, tenant));
    },
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
  });
}

/**
 * Returns the jobs of `jobsQuery`. The socket reports only the admin's own jobs, so the others are polled: every 2 s
 * while one of them is live, else every 15 s.
 */
export function useJobs(tenant: string, requester = 'all', filter?: JobFilter) {
  const client = useQueryClient();
  const linked = useHasSocket(tenant);
  return useInfiniteQuery({
    ...jobsQuery(tenant, requester, filter),
    placeholderData: keepWithin(tenant),
    refetchInterval: ({ state }) => {
      const reported = new Set(linked ? ownJobs(client, tenant).map(({ jobId }) => jobId) : []);
      const jobs = state.data?.pages.flatMap(({ results }) => results) ?? [];
      return jobs.some((job) => isLive(job) && !reported.has(job.jobId)) ? livePoll : idlePoll;
    },
  });
}

function asked({ statuses = [], search, from, to, timeZone }: JobFilter) {
  return {
    ...(statuses.length > 0 && { status: [...statuses] }),
    ...(search && { search }),
    ...(from && { from }),
    ...(to && { to }),
    ...((from || to) && timeZone && { timeZone }),
  };
}

function ownJobs(client: QueryClient, tenant: string): readonly Job[] {
  return client.getQueryData(liveJobsQuery(tenant).queryKey) ?? [];
}

/** The query for the admin's own newest jobs, which the socket keeps current. */
export function liveJobsQuery(tenant: string) {
  return queryOptions({
    queryKey: keys.liveJobs(tenant),
    queryFn: async ({ client, signal }): Promise<readonly Job[]> => {
      const params = { query: { limit: 20, requester: 'me' as const }, header: inTenant(tenant) };
      const { results } = await answered(api.GET('/v4/user-export-jobs', { params, signal }));
      writeEvent(client, tenant, { type: 'snapshot', jobs: results });
      return ownJobs(client, tenant);
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

async function fetchJob(client: QueryClient, tenant: string, jobId: string, signal?: AbortSignal): Promise<Job> {
  const job = await getJob(tenant, jobId, signal);
  return newerJob(cachedJob(client, tenant, jobId), job);
}

/** The query for one job. */
export function jobQuery(tenant: string, jobId: string) {
  return queryOptions({
    queryKey: keys.job(tenant, jobId),
    queryFn: ({ client, signal }) => fetchJob(client, tenant, jobId, signal),
  });
}

/**
 * Returns one job. The socket keeps it current if it reports the job; else a live job is polled.
 */
export function useJob(tenant: string, jobId: string) {
  const client = useQueryClient();
  const linked = useHasSocket(tenant);
  return useQuery({
    ...jobQuery(tenant, jobId),
    refetchInterval: ({ state: { data } }) => {
      if (!data || !isLive(data)) return false;
      return linked && ownJobs(client, tenant).some((job) => job.jobId === jobId) ? false : livePoll;
    },
  });
}

/** Loads the manifest of a job's users file, byte for byte as it is stored. */
export function useManifest(tenant: string) {
  return useMutation({
    mutationFn: (jobId: string): Promise<string> => {
      const params = { path: { jobId }, header: inTenant(tenant) };
      return answered(api.GET('/v4/user-export-jobs/{jobId}/manifest', { params, parseAs: 'text' }));
    },
  });
}

/** The file of a job to download. */
export interface Download {
  jobId: string;
  kind?: 'users' | 'state_events'; // default: users
}

/** Downloads a file. The server signs a new link, and records who downloads. */
export function useDownload(tenant: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ jobId, kind = 'users' }: Download) => location.assign(await downloadLink(tenant, jobId, kind)),
    // The history has changed, or the files have gone.
    onSettled: (_url, _error, { jobId }) => {
      void client.invalidateQueries({ queryKey: keys.job(tenant, jobId) });
    },
  });
}
