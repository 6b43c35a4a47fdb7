import type { QueryClient } from '@tanstack/react-query';
import type { Definition, Job } from '@/shared/api/client';
import { featuresQuery } from '@/shared/api/features';
import type { Ready } from './manager';
import { choosePlaces, discard } from './places';
import { beginStart } from './store';

// Streaming is much, and wanted by some tenants only.
const load = () => import('./manager');

/** Loads what a sync export needs, so that a click does not wait for it. */
export function preload(): void {
  load().catch(() => {}); // who needs it says so
}

/**
 * Starts an export with the call that is given. Where exports are streamed it first asks where to save, and makes sure
 * that the page can receive; the job that is answered streams on in this tab. Null where the admin chose no place: then
 * nothing was started.
 */
export async function startExport(
  client: QueryClient,
  tenant: string,
  definition: Definition,
  call: () => Promise<Job>,
): Promise<Job | null> {
  // What is known will do: a job that turns out to be streamed all the same is received, too.
  const features = await client.ensureQueryData(featuresQuery(tenant)).catch(() => undefined);
  const streams = features?.['feature.asyncUserExport.enabled'] === false;
  const places = streams ? await choosePlaces(tenant, definition) : {};
  if (!places) return null;
  const started = beginStart(tenant);
  let ready: Ready | undefined;
  let runs = false;
  try {
    // Before anything is started: a page that cannot receive starts nothing.
    if (streams) ready = await (await load()).prepare(client, tenant);
    const job = await call();
    if (job.mode === 'sync' && job.streamUrl) {
      ready ??= await (await load()).prepare(client, tenant);
      runs = ready.run(job, places);
    }
    return job;
  } finally {
    if (!runs) {
      ready?.drop();
      await discard(places);
    }
    started();
  }
}
