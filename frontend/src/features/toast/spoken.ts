import type { JobStatus } from '@/shared/api/client';
import type { TenantJob } from '@/shared/jobs/live';
import { isLive } from '@/shared/jobs/words';
import { toastOf } from './toast';

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
export function speak(before: Phases, jobs: readonly TenantJob[], nameOf: (tenant: string) => string): Speech {
  const named = new Set(jobs.map(({ tenant }) => tenant)).size > 1;
  const news = jobs.filter(({ job }) => {
    const known = before.get(job.jobId);
    return known === undefined ? isLive(job) : known !== job.status && job.status !== 'expired';
  });
  // A job in the queue and one that is being prepared are called the same: that is said once.
  const said = news
    .filter(({ job }) => !(job.status === 'preparing' && before.get(job.jobId) === 'queued'))
    .map((one) => (named ? `${nameOf(one.tenant)}: ${phrase(one)}` : phrase(one)));
  return { said: said.join(' '), phases: new Map(jobs.map(({ job }) => [job.jobId, job.status])) };
}

function phrase(one: TenantJob): string {
  if (one.job.status === 'downloading') return 'Downloading.'; // its figures are ticks
  const toast = toastOf(one);
  const notes = toast.kind === 'running' ? [] : toast.notes;
  return [toast.title, ...notes].map((words) => (/[.!]$/.test(words) ? words : `${words}.`)).join(' ');
}
