import type { Job } from '@/shared/api/client';
import { writeEvent } from '@/shared/jobs/store';
import { bring, kindOf, Refused, type Surroundings } from './bring';
import { cancelJob } from './confirm';
import { discard, filesOf, type Places } from './places';
import { cancelLater, problemOf, verdict } from './settle';
import { SinkError } from './sink';
import { allDownloads, changeDownload, putDownload, putRun, type Run } from './store';

/** Receives a job's files, one after the other, and confirms each. It resolves when nothing is left to do, well or not. */
export async function runDownload(around: Surroundings, job: Job, places: Places): Promise<void> {
  const { tenant, hasher } = around;
  const { jobId } = job;
  const controller = new AbortController();
  const tell = (next: Job) => writeEvent(around.client, tenant, { type: 'job', job: next }, 'mine');
  let told: string | undefined;
  const run: Run = {
    leaving: false,
    stop: (problem) => {
      run.leaving = true;
      told ??= problem;
      controller.abort();
    },
    cancel: async () => {
      run.leaving = true;
      await cancelJob(tenant, jobId).then(tell, () => {}); // the end of the stream says the same
      controller.abort();
    },
  };
  putRun(jobId, run);
  const chosen = places[filesOf(job.definition)[0] ?? 'users']?.name ?? null;
  const held = chosen === null ? 'browser' : 'disk';
  putDownload(jobId, { tenant, jobId, phase: 'streaming', held, problem: '', chosen, offers: [] });

  const left = { ...places };
  try {
    for (let next = job; next.streamUrl; ) {
      const place = left[kindOf(next)];
      delete left[kindOf(next)];
      next = await bring(around, next, place, controller.signal);
      tell(next);
    }
    changeDownload(jobId, { phase: 'saved' });
  } catch (reason) {
    if (run.leaving) ended(jobId, told);
    else await settle(around, jobId, reason, tell);
  } finally {
    putRun(jobId, null);
    hasher.end();
    await discard(left);
  }
}

// The file did not arrive, and nobody here wanted that: says so, unless the job has a reason of its own to tell.
async function settle({ tenant, tools }: Surroundings, jobId: string, reason: unknown, tell: (job: Job) => void) {
  if (reason instanceof Refused) {
    tell(reason.job);
    return ended(jobId);
  }
  const problem = problemOf(reason);
  const ours = reason instanceof SinkError;
  if (ours) changeDownload(jobId, { phase: 'broken', problem });
  const found = await verdict(tenant, jobId, tools.pause);
  if (found) tell(found.job);
  else void cancelLater(tenant, jobId, tools.pause).then((job) => job && tell(job));
  if (found && !ours && !found.cancelledHere && hasReason(found.job)) ended(jobId);
  else changeDownload(jobId, { phase: 'broken', problem });
}

// Somebody cancelled the job, or the server says what went wrong with it. A cancel by nobody is what it makes of a broken stream.
function hasReason({ status, cancelledBy }: Job): boolean {
  return status !== 'cancelled' || cancelledBy !== null;
}

// Nothing more is to be said of it here than the job says, but for files that are offered, or the problem that is given.
function ended(jobId: string, problem?: string): void {
  const known = allDownloads().get(jobId);
  if (!known) return;
  if (problem !== undefined) putDownload(jobId, { ...known, phase: 'broken', problem });
  else putDownload(jobId, known.offers.length > 0 ? { ...known, phase: 'saved' } : null);
}
