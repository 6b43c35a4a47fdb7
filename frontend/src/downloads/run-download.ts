import type { Job } from '@/api/client';
import { cancelJob } from '@/api/jobs';
import { writeEvent } from '@/jobs/cache';
import { cancelWithRetry, findOutcome, problemText } from './outcome';
import { filesOf, type PickedFiles, removeEmptyFiles } from './picker';
import { ConfirmationRefused, kindOf, receiveFile } from './receive-file';
import { SinkError } from './sink';
import { allDownloads, changeDownload, putDownload, putRun, type Run } from './store';
import type { DownloadContext } from './tools';

/**
 * Receives and confirms a job's files, one after another. Resolves when it has finished or failed;
 * never rejects.
 */
export async function runDownload(around: DownloadContext, job: Job, places: PickedFiles): Promise<void> {
  const { tenant, hasher } = around;
  const { jobId } = job;
  const controller = new AbortController();
  const publish = (next: Job) => writeEvent(around.client, tenant, { type: 'job', job: next }, 'mine');
  let stopProblem: string | undefined;
  const run: Run = {
    leaving: false,
    stop: (problem) => {
      run.leaving = true;
      stopProblem ??= problem;
      controller.abort();
    },
    cancel: async ({ tabClosed = false } = {}) => {
      run.leaving = true;
      await cancelJob(tenant, jobId, { keepalive: true, tabClosed }).then(publish, () => {}); // the server also cancels when the stream ends
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
      next = await receiveFile(around, next, place, controller.signal);
      publish(next);
    }
    changeDownload(jobId, { phase: 'saved' });
  } catch (reason) {
    if (run.leaving) endDownload(jobId, stopProblem);
    else await handleFailure(around, jobId, reason, publish);
  } finally {
    putRun(jobId, null);
    hasher.end();
    await removeEmptyFiles(left);
  }
}

// Reports that the file did not arrive, unless the job's own error explains more.
async function handleFailure(
  { tenant, tools }: DownloadContext,
  jobId: string,
  reason: unknown,
  publish: (job: Job) => void,
) {
  if (reason instanceof ConfirmationRefused) {
    publish(reason.job);
    return endDownload(jobId);
  }
  const problem = problemText(reason);
  const ours = reason instanceof SinkError;
  if (ours) changeDownload(jobId, { phase: 'broken', problem });
  const found = await findOutcome(tenant, jobId, tools.pause);
  if (found) publish(found.job);
  else void cancelWithRetry(tenant, jobId, tools.pause).then((job) => job && publish(job));
  if (found && !ours && !found.cancelledHere && hasReason(found.job)) endDownload(jobId);
  else changeDownload(jobId, { phase: 'broken', problem });
}

// Reports whether the job says why it ended. The server records a broken stream as a cancel without
// `cancelledBy`.
function hasReason({ status, cancelledBy }: Job): boolean {
  return status !== 'cancelled' || cancelledBy !== null;
}

// Ends the download: it is broken with the given problem; or saved if files are offered; or
// removed, and the job says all.
function endDownload(jobId: string, problem?: string): void {
  const known = allDownloads().get(jobId);
  if (!known) return;
  if (problem !== undefined) putDownload(jobId, { ...known, phase: 'broken', problem });
  else putDownload(jobId, known.offers.length > 0 ? { ...known, phase: 'saved' } : null);
}
