import type { InfiniteData } from '@tanstack/react-query';
import type { Job } from '@/shared/api/client';
import { type JobEvent, newerJob } from './cache';

/** One page of a list of jobs, newest first. */
export interface JobPage {
  results: Job[];
  next: string | null;
}

/** A list as far as it was read. */
export type JobPages = InfiniteData<JobPage, string>;

/**
 * Applies one event to a list. Pure: the list comes back itself where the event brings nothing. A job that the list has
 * keeps its place; one that is newer than all of it is put first; an older one belongs to a page that was not read yet.
 */
export function applyToPages(list: JobPages, event: JobEvent): JobPages {
  let pages = list.pages;
  for (const job of event.type === 'job' ? [event.job] : event.jobs) pages = placed(pages, job);
  return pages === list.pages ? list : { ...list, pages };
}

/** Puts into a list's first page what is known of jobs: newer states of those that it has, and jobs that are newer than it. */
export function withNewest(first: JobPage, known: readonly Job[]): JobPage {
  const list = { pages: [first], pageParams: [''] };
  // The oldest first, so that also where the list is empty each one is newer than what is there.
  return applyToPages(list, { type: 'snapshot', jobs: known.toReversed() }).pages[0] ?? first;
}

function placed(pages: JobPage[], incoming: Job): JobPage[] {
  const at = pages.findIndex(({ results }) => results.some(({ jobId }) => jobId === incoming.jobId));
  const page = pages[at];
  if (page) {
    const results = page.results.map((job) => (job.jobId === incoming.jobId ? newerJob(job, incoming) : job));
    if (results.every((job, i) => job === page.results[i])) return pages;
    return pages.with(at, { ...page, results });
  }
  const [first] = pages;
  if (!first) return pages;
  const newest = first.results[0];
  // Job ids are ULIDs: they sort by time of creation.
  if (newest && newest.jobId > incoming.jobId) {
    const place = first.results.findIndex(({ jobId }) => jobId < incoming.jobId);
    if (place < 0) return pages;
    return pages.with(0, { ...first, results: first.results.toSpliced(place, 0, incoming) });
  }
  return pages.with(0, { ...first, results: [incoming, ...first.results] });
}
