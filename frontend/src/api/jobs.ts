import { answered, api, inTenant, type Job, type JobFile } from './client';

/** Reads a job, without links: the audit log records each link. */
export function getJob(tenant: string, jobId: string, signal?: AbortSignal): Promise<Job> {
  const params = { path: { jobId }, query: { links: 'false' as const }, header: inTenant(tenant) };
  return answered(api.GET('/v4/user-export-jobs/{jobId}', { params, ...(signal && { signal }) }));
}

/** Returns a new link to a file of a job. The server records the download. */
export async function downloadLink(tenant: string, jobId: string, kind: JobFile['kind']): Promise<string> {
  const params = { path: { jobId, kind }, header: inTenant(tenant) };
  const headers = { Accept: 'application/json' }; // otherwise the answer is a redirect to the storage
  const path = '/v4/user-export-jobs/{jobId}/files/{kind}/download';
  return (await answered(api.GET(path, { params, headers }))).url;
}

/**
 * Cancels a job and returns its new state. A job that has ended keeps its status. With `keepalive`
 * the browser sends the request even when the page is being closed. With `tabClosed` the job says
 * that its tab was closed, instead of naming the admin.
 */
export function cancelJob(tenant: string, jobId: string, { keepalive = false, tabClosed = false } = {}): Promise<Job> {
  const query = tabClosed ? { reason: 'tab_closed' as const } : {};
  const params = { path: { jobId }, header: inTenant(tenant), query };
  return answered(api.DELETE('/v4/user-export-jobs/{jobId}', { params, ...(keepalive && { keepalive }) }));
}
