import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answered, api, type Definition, inTenant } from '@/api/client';
import { cancelJob } from '@/api/jobs';
import { writeEvent } from '@/jobs/cache';
import { startExport } from './start';
import { cancelWithStream } from './store';

/** The input of useStartExport. Requests with the same key and definition start one job. */
export interface StartExport {
  definition: Definition;
  idempotencyKey?: string;
}

/**
 * Starts an export and returns its job. If the tenant's exports are streamed, this tab asks where to save and receives
 * the file; the result is null, and nothing is started, if the admin closes the save dialog. With a 409,
 * `error.problem.jobId` is the admin's live job.
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

/**
 * Returns a random Idempotency-Key. It works without a secure context, unlike crypto.randomUUID.
 */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Cancels an export, and its stream if this tab receives it. A job that has already ended is
 * returned unchanged.
 */
export function useCancelExport(tenant: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (jobId: string) => cancelWithStream(jobId, () => cancelJob(tenant, jobId)),
    onSuccess: (job) => writeEvent(client, tenant, { type: 'job', job }),
  });
}
