import type { Job } from '@/api/client';
import { isLive } from '@/jobs/status';

/**
 * The jobs that the list shows. The address has the same value, except for `all`, which is left
 * out.
 */
export type Show = 'all' | 'live' | 'completed' | 'failed';

/** The choices, in display order. */
export const showChoices: readonly { value: Show; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'live', label: 'Live' },
  { value: 'completed', label: 'Completed' },
  { value: 'failed', label: 'Failed' },
];

/** Parses the address; an unknown status means `all`. */
export function parseShow(status: string | undefined): Show {
  return showChoices.find(({ value }) => value === status)?.value ?? 'all';
}

/** Returns the jobs to show. Expired jobs had completed, so `completed` includes them. */
export function filterJobs(jobs: readonly Job[], show: Show): readonly Job[] {
  switch (show) {
    case 'all':
      return jobs;
    case 'live':
      return jobs.filter(isLive);
    case 'failed':
      return jobs.filter(({ status }) => status === 'failed');
    case 'completed':
      return jobs.filter(({ outcome }) => outcome === 'completed' || outcome === 'completed_with_errors');
  }
}
