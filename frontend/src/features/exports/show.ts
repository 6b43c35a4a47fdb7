import type { Job } from '@/shared/api/client';
import { isLive } from '@/shared/jobs/words';

/** Which jobs the list shows; its value in the address, where `all` is left out. */
export type Show = 'all' | 'live' | 'completed' | 'failed';

/** The choices, in their order. */
export const shows: readonly { value: Show; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'live', label: 'Live' },
  { value: 'completed', label: 'Completed' },
  { value: 'failed', label: 'Failed' },
];

/** Reads the address; what it does not know is all. */
export function showOf(status: string | undefined): Show {
  return shows.find(({ value }) => value === status)?.value ?? 'all';
}

/** Picks the jobs to show. Expired jobs were completed: their receipts stay among those. */
export function shown(jobs: readonly Job[], show: Show): readonly Job[] {
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
