import type { InfiniteData } from '@tanstack/react-query';
import type { Job } from '@/api/client';
import { type JobEvent, newerJob } from './events';

/** One page of a list of jobs, newest first. */
export interface JobPage {
  results: Job[];
  next: string | null;
}

/** The loaded pages of a list. */
export type JobPages = InfiniteData<JobPage, string>;

/**
 * Applies one event to a list and returns the new list, or the same object if nothing changed. A
 * listed job keeps its place, a new job is inserted by its id, and a job older than the loaded
 * first page is ignored.
 */
export function applyToPages(list: JobPages, event: JobEvent): JobPages {
  let pages = list.pages;
  for (const job of event.type === 'job' ? [event.job] : event.jobs) pages = placeJob(pages, job);
  return pages === list.pages ? list : { ...list, pages };
}

/** Applies one event to the jobs that a list has, and returns the new list, or the same object if nothing changed. */
export function replaceInPages(list: JobPages, event: JobEvent): JobPages {
  const has = ({ jobId }: Job) => list.pages.some(({ results }) => results.some((job) => job.jobId === jobId));
  const known = (event.type === 'job' ? [event.job] : event.jobs).filter(has);
  return applyToPages(list, { type: 'snapshot', jobs: known });
}

/**
 * Updates a list's first page from known jobs: newer states of its jobs, and jobs that are newer
 * than the page.
 */
export function withNewest(first: JobPage, known: readonly Job[]): JobPage {
  const list = { pages: [first], pageParams: [''] };
  // Oldest first, so that each job is newer than the list, even if the list was empty.
  return applyToPages(list, { type: 'snapshot', jobs: known.toReversed() }).pages[0] ?? first;
}

function placeJob(pages: JobPage[], incoming: Job): JobPage[] {
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
