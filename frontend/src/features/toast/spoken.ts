import type { JobStatus } from '@/shared/api/client';
import { isLive } from '@/shared/jobs/words';
import { isBroken, type TabJob, toastOf } from './toast';

/** The phases that are known, by job. */
export type Phases = ReadonlyMap<string, JobStatus>;

/** What is to be said, and what is known from then on. */
export interface Speech {
  said: string;
  phases: Phases;
}

/**
 * Says what has changed for those who listen: phases and outcomes, never a tick. A job that had ended when it was first
 * seen is not news. Several tenants' jobs say whose they are.
 */
export function speak(before: Phases, jobs: readonly TabJob[], nameOf: (tenant: string) => string): Speech {
  const named = new Set(jobs.map(({ tenant }) => tenant)).size > 1;
  const news = jobs.filter((one) => {
    const known = before.get(one.job.jobId);
    const phase = phaseOf(one);
    return known === undefined ? isLive(one.job) : known !== phase && phase !== 'expired';
  });
  // A job in the queue and one that is being prepared are called the same: that is said once.
  const said = news
    .filter(({ job }) => !(job.status === 'preparing' && before.get(job.jobId) === 'queued'))
    .map((one) => (named ? `${nameOf(one.tenant)}: ${phrase(one)}` : phrase(one)));
  return { said: said.join(' '), phases: new Map(jobs.map((one) => [one.job.jobId, phaseOf(one)])) };
}

// A file that did not arrive here is a failure here, once: what the server calls it later is no news.
function phaseOf(one: TabJob): JobStatus {
  return isBroken(one) ? 'failed' : one.job.status;
}

function phrase(one: TabJob): string {
  if (phaseOf(one) === 'downloading') return 'Downloading.'; // its figures are ticks
  const toast = toastOf(one);
  const notes = toast.kind === 'running' ? [] : toast.notes;
  return [toast.title, ...notes].map((words) => (/[.!]$/.test(words) ? words : `${words}.`)).join(' ');
}
