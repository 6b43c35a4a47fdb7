import { answered, api, inTenant, type Job } from './client';

/** Reads a job. */
export function getJob(tenant: string, jobId: string, signal?: AbortSignal): Promise<Job> {
  const params = { path: { jobId }, header: inTenant(tenant) };
  return answered(api.GET('/v4/user-export-jobs/{jobId}', { params, ...(signal && { signal }) }));
}

/**
 * Cancels a job and returns its new state. A job that has ended keeps its status. With `keepalive`
 * the browser sends the request even when the page is being closed.
 */
export function cancelJob(tenant: string, jobId: string, { keepalive = false } = {}): Promise<Job> {
  const params = { path: { jobId }, header: inTenant(tenant) };
  return answered(api.DELETE('/v4/user-export-jobs/{jobId}', { params, ...(keepalive && { keepalive }) }));
}
