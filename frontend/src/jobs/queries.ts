import {
  type QueryClient,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { ApiError, answered, api, inTenant, type Job } from '@/api/client';
import { getJob } from '@/api/jobs';
import { keys } from '@/api/keys';
import { cachedJob, writeEvent } from './cache';
import { newerJob } from './events';
import { withNewest } from './pages';
import { useHasSocket } from './socket-context';
import { isLive } from './status';

const livePoll = 2_000; // ms between polls for live jobs that no socket reports
const idlePoll = 15_000; // ms between polls for jobs that others have started
const pageSize = 50;

/**
 * Returns everyone's jobs or the admin's own, newest first, page by page. The socket reports only
 * the admin's own jobs, so the others are polled: every 2 s while one of them is live, else every
 * 15 s.
 */
export function useJobs(tenant: string, requester: 'me' | 'all' = 'all') {
  const client = useQueryClient();
  const linked = useHasSocket(tenant);
  return useInfiniteQuery({
    queryKey: keys.jobs(tenant, requester),
    queryFn: async ({ pageParam, signal }) => {
      const query = {
        limit: pageSize,
        ...(pageParam && { cursor: pageParam }),
        ...(requester === 'me' && { requester }),
      };
      const params = { query, header: inTenant(tenant) };
      const page = await answered(api.GET('/v4/user-export-jobs', { params, signal }));
      // A socket event may have arrived after the server made this answer, so newer cached states
      // and jobs are kept.
      const results = page.results.map((job) => newerJob(cachedJob(client, tenant, job.jobId), job));
      return pageParam ? { ...page, results } : withNewest({ ...page, results }, ownJobs(client, tenant));
    },
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    refetchInterval: ({ state }) => {
      const reported = new Set(linked ? ownJobs(client, tenant).map(({ jobId }) => jobId) : []);
      const jobs = state.data?.pages.flatMap(({ results }) => results) ?? [];
      return jobs.some((job) => isLive(job) && !reported.has(job.jobId)) ? livePoll : idlePoll;
    },
  });
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

/**
 * Returns one job. The socket keeps it current if it reports the job; else a live job is polled.
 */
export function useJob(tenant: string, jobId: string) {
  const client = useQueryClient();
  const linked = useHasSocket(tenant);
  return useQuery({
    queryKey: keys.job(tenant, jobId),
    queryFn: ({ signal }) => fetchJob(client, tenant, jobId, signal),
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

const deleted = 'The files of this export were deleted. Run it again to make new ones.';
const unavailable = 'This file can no longer be downloaded.';

/**
 * Downloads a file. It first reads the job, because the server signs a new link for each answer and
 * links expire.
 */
export function useDownload(tenant: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ jobId, kind = 'users' }: Download) => {
      const job = await fetchJob(client, tenant, jobId);
      writeEvent(client, tenant, { type: 'job', job });
      const url = job.files.find((file) => file.kind === kind)?.downloadUrl;
      if (!url) throw new ApiError(404, 'not_found', job.status === 'expired' ? deleted : unavailable);
      location.assign(url);
      return job;
    },
  });
}
