import type { JobStatus } from '@/api/client';

/** A choice of statuses. The address has its value, except for `all`, which is left out. */
export interface StatusChoice {
  value: string;
  label: string;
  /** The statuses to ask the server for; empty for all. */
  statuses: readonly JobStatus[];
  /** The title of an empty list. */
  none: string;
}

/** All jobs. */
export const everyStatus: StatusChoice = { value: 'all', label: 'All', statuses: [], none: 'No exports yet' };

/** The choices, in display order. */
export const statusChoices: readonly StatusChoice[] = [
  everyStatus,
  {
    value: 'live',
    label: 'Live',
    statuses: ['queued', 'preparing', 'downloading', 'downloading_state_events'],
    none: 'No export is running',
  },
  { value: 'completed', label: 'Completed', statuses: ['completed'], none: 'No completed export' },
  {
    value: 'completed_with_errors',
    label: 'With errors',
    statuses: ['completed_with_errors'],
    none: 'No export with errors',
  },
  { value: 'failed', label: 'Failed', statuses: ['failed'], none: 'No failed export' },
  { value: 'cancelled', label: 'Cancelled', statuses: ['cancelled'], none: 'No cancelled export' },
  { value: 'expired', label: 'Expired', statuses: ['expired'], none: 'No expired export' },
];

/** Parses the address; an unknown status means all. */
export function parseStatus(status: string | undefined): StatusChoice {
  return statusChoices.find(({ value }) => value === status) ?? everyStatus;
}
