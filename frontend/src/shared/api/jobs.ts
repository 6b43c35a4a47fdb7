import {
  type QueryClient,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { startExport } from '@/shared/downloads/start';
import { cancelling } from '@/shared/downloads/store';
import { newerJob } from '@/shared/jobs/cache';
import { useIsLinked } from '@/shared/jobs/link';
import { withNewest } from '@/shared/jobs/pages';
import { knownJob, writeEvent } from '@/shared/jobs/store';
import { isLive } from '@/shared/jobs/words';
import { ApiError, answered, api, type Definition, inTenant, type Job } from './client';
import { keys } from './keys';

const whileLive = 2_000; // ms between polls of what no socket tells
const whileIdle = 15_000; // ms between looks for jobs that others have started
const pageSize = 50;

/**
 * Everyone's jobs, or one's own, newest first, page by page. The socket tells of one's own alone: others' are polled for,
 * often while one of them is live, and now and then while the page is visible.
 */
export function useJobs(tenant: string, requester: 'me' | 'all' = 'all') {
  const client = useQueryClient();
  const linked = useIsLinked(tenant);
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
      // An answer that was on its way while the socket spoke may be older than what is known, and lack what is new.
      const results = page.results.map((job) => newerJob(knownJob(client, tenant, job.jobId), job));
      return pageParam ? { ...page, results } : withNewest({ ...page, results }, ownJobs(client, tenant));
    },
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    refetchInterval: ({ state }) => {
      const told = new Set(linked ? ownJobs(client, tenant).map(({ jobId }) => jobId) : []);
      const jobs = state.data?.pages.flatMap(({ results }) => results) ?? [];
      return jobs.some((job) => isLive(job) && !told.has(job.jobId)) ? whileLive : whileIdle;
    },
  });
}

function ownJobs(client: QueryClient, tenant: string): readonly Job[] {
  return client.getQueryData(liveJobsQuery(tenant).queryKey) ?? [];
}

/** One's own newest jobs, as the socket keeps them. */
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
  const params = { path: { jobId }, header: inTenant(tenant) };
  const call = api.GET('/v4/user-export-jobs/{jobId}', { params, ...(signal && { signal }) });
  const job = await answered(call);
  return newerJob(knownJob(client, tenant, jobId), job);
}

/** One job. It follows the socket where that tells of it, and polls while it lives where not. */
export function useJob(tenant: string, jobId: string) {
  const client = useQueryClient();
  const linked = useIsLinked(tenant);
  return useQuery({
    queryKey: keys.job(tenant, jobId),
    queryFn: ({ signal }) => fetchJob(client, tenant, jobId, signal),
    refetchInterval: ({ state: { data } }) => {
      if (!data || !isLive(data)) return false;
      return linked && ownJobs(client, tenant).some((job) => job.jobId === jobId) ? false : whileLive;
    },
  });
}

/** What starting an export needs. The same key with the same definition starts nothing twice. */
export interface StartExport {
  definition: Definition;
  idempotencyKey?: string;
}

/**
 * Starts an export; where exports are streamed this tab asks where to save, and receives it. Null where the admin chose no
 * place: then nothing was started. A 409 says, in `error.problem.jobId`, which job of the admin is live already.
 */
export function useStartExport(tenant: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ definition, idempotencyKey }: StartExport) => {
      const header = { ...inTenant(tenant), 'Idempotency-Key': idempotencyKey ?? newKey() };
      return startExport(client, tenant, definition, async () => {
        const job = await answered(api.POST('/v4/user-export-jobs', { params: { header }, body: definition }));
        writeEvent(client, tenant, { type: 'job', job }, 'mine');
        return job;
      });
    },
  });
}

/** Makes an Idempotency-Key; it needs no secure context. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Cancels an export, and its stream where this tab receives it. One that has ended meanwhile is answered as it is. */
export function useCancelExport(tenant: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (jobId: string) => {
      const params = { path: { jobId }, header: inTenant(tenant) };
      return cancelling(jobId, () => answered(api.DELETE('/v4/user-export-jobs/{jobId}', { params })));
    },
    onSuccess: (job) => writeEvent(client, tenant, { type: 'job', job }),
  });
}

/** Asks for the manifest of a job's users file: the very text that lies beside the file. */
export function useManifest(tenant: string) {
  return useMutation({
    mutationFn: (jobId: string): Promise<string> => {
      const params = { path: { jobId }, header: inTenant(tenant) };
      return answered(api.GET('/v4/user-export-jobs/{jobId}/manifest', { params, parseAs: 'text' }));
    },
  });
}

/** Which file of a job to download. */
export interface Download {
  jobId: string;
  kind?: 'users' | 'state_events'; // users where left out
}

const deleted = 'The files of this export were deleted. Run it again to make new ones.';
const unavailable = 'This file can no longer be downloaded.';

/** Downloads a file. Links are signed afresh for every answer, so one is asked for when it is wanted and cannot be stale. */
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
