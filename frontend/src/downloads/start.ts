import type { QueryClient } from '@tanstack/react-query';
import type { Definition, Job } from '@/api/client';
import { featuresQuery } from '@/api/features';
import type { Receiver } from './manager';
import { pickFiles, removeEmptyFiles } from './picker';
import { beginStart } from './store';

// The streaming code is large and only some tenants use it, so it is loaded on demand.
const load = () => import('./manager');

/** Loads the streaming code, so that a click does not wait for it. */
export function preload(): void {
  load().catch(() => {}); // startExport reports the failure
}

/**
 * Starts an export by `call` and returns its job. If the tenant's exports are streamed, it first
 * asks where to save and checks that the page can receive; then the job streams in this tab.
 * Returns null, and starts nothing, if the admin closes the save dialog.
 */
export async function startExport(
  client: QueryClient,
  tenant: string,
  definition: Definition,
  call: () => Promise<Job>,
): Promise<Job | null> {
  // Cached features suffice: a job that is streamed unexpectedly is received too.
  const features = await client.ensureQueryData(featuresQuery(tenant)).catch(() => undefined);
  const streams = features?.['feature.asyncUserExport.enabled'] === false;
  const places = streams ? await pickFiles(tenant, definition) : {};
  if (!places) return null;
  const started = beginStart(tenant);
  let ready: Receiver | undefined;
  let receiving = false;
  try {
    // A page that cannot receive must not start a job.
    if (streams) ready = await (await load()).prepareReceiver(client, tenant);
    const job = await call();
    if (job.mode === 'sync' && job.streamUrl) {
      ready ??= await (await load()).prepareReceiver(client, tenant);
      receiving = ready.run(job, places);
    }
    return job;
  } finally {
    if (!receiving) {
      ready?.drop();
      await removeEmptyFiles(places);
    }
    started();
  }
}
