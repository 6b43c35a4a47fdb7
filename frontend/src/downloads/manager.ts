import type { QueryClient } from '@tanstack/react-query';
import type { Job } from '@/api/client';
import { cancelJob } from '@/api/jobs';
import { cachedJob, writeEvent } from '@/jobs/cache';
import { isLive } from '@/jobs/status';
import { waitFor } from './confirm-file';
import { diskSink } from './disk-sink';
import { workerHasher } from './hash';
import { memorySink } from './memory-sink';
import { opfsSink } from './opfs-sink';
import type { PickedFiles } from './picker';
import { runDownload } from './run-download';
import type { Sink } from './sink';
import { allDownloads, allRuns } from './store';
import { guardTab } from './tab-guard';
import type { Tools } from './tools';

/** A page that is ready to receive files. */
export interface Receiver {
  /** Starts to receive the files of a job. Returns false if this tab already receives them. */
  run: (job: Job, places: PickedFiles) => boolean;
  /** Frees the resources if nothing will be received. */
  drop: () => void;
}

// Opens the best available sink: the chosen file, else the browser's storage (OPFS), else memory.
async function openSink(chosen: FileSystemFileHandle | undefined, unique: string): Promise<Sink> {
  if (chosen) return diskSink(chosen);
  try {
    return await opfsSink(unique);
  } catch {
    return memorySink(); // no secure context, a private window, an old browser
  }
}

const browser: Tools = { hasher: workerHasher, open: openSink, pause: waitFor };

/**
 * Makes the page ready to receive; rejects if it cannot. While it receives, the tab asks before it
 * closes.
 */
export async function prepareReceiver(client: QueryClient, tenant: string, tools = browser): Promise<Receiver> {
  guardTab();
  await cancelBroken(client, tenant);
  const hasher = await tools.hasher();
  return {
    run: (job, places) => {
      if (allRuns().has(job.jobId)) return false;
      void runDownload({ client, tenant, tools, hasher }, job, places);
      return true;
    },
    drop: hasher.end,
  };
}

// Cancels jobs whose stream broke in this tab. The server may still count them as live and refuse
// the next job.
async function cancelBroken(client: QueryClient, tenant: string): Promise<void> {
  const broken = [...allDownloads().values()].filter((one) => one.tenant === tenant && one.phase === 'broken');
  for (const { jobId } of broken) {
    const known = cachedJob(client, tenant, jobId);
    if (!known || !isLive(known)) continue;
    const job = await cancelJob(tenant, jobId, { keepalive: true }).catch(() => undefined); // the next request reports the error
    if (job) writeEvent(client, tenant, { type: 'job', job }, 'mine');
  }
}
