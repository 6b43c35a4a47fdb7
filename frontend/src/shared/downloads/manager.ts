import type { QueryClient } from '@tanstack/react-query';
import type { Job } from '@/shared/api/client';
import { knownJob, writeEvent } from '@/shared/jobs/store';
import { isLive } from '@/shared/jobs/words';
import { cancelJob, type Pause, pauseFor } from './confirm';
import { type Hasher, workerHasher } from './hash';
import { guardTab } from './life';
import { openSink } from './open-sink';
import type { Places } from './places';
import { runDownload } from './run';
import { allDownloads, allRuns } from './store';

/** What streaming needs of the browser. */
export interface Tools {
  hasher: () => Promise<Hasher>;
  open: typeof openSink;
  pause: Pause;
}

/** A page that can receive. */
export interface Ready {
  /** Receives the files of a job that waits for it; false where this tab does that already. */
  run: (job: Job, places: Places) => boolean;
  /** Nothing is to be received after all. */
  drop: () => void;
}

const browser: Tools = { hasher: workerHasher, open: openSink, pause: pauseFor };

/** Makes the page ready to receive; rejects where it cannot. The tab then asks before it is closed while it receives. */
export async function prepare(client: QueryClient, tenant: string, tools = browser): Promise<Ready> {
  guardTab();
  await giveUpBroken(client, tenant);
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

// A job whose stream broke may not know of it yet: it would be in the way of the next one.
async function giveUpBroken(client: QueryClient, tenant: string): Promise<void> {
  const broken = [...allDownloads().values()].filter((one) => one.tenant === tenant && one.phase === 'broken');
  for (const { jobId } of broken) {
    const known = knownJob(client, tenant, jobId);
    if (!known || !isLive(known)) continue;
    const job = await cancelJob(tenant, jobId).catch(() => undefined); // the next call says what is wrong
    if (job) writeEvent(client, tenant, { type: 'job', job }, 'mine');
  }
}
