import type { Job } from '@/shared/api/client';

/** Why a job failed, what is safe, and what to do. */
export interface FailureWords {
  reason: string;
  safe: string;
  next: string;
}

type Code = NonNullable<Job['error']>['code'];

const passing = 'Run it again in a few minutes. If it fails again, give your operator the id below.';
const advice: Partial<Record<Code, string>> = {
  database_unavailable: passing,
  storage_unavailable: passing,
  unavailable: passing,
  read_incomplete: passing,
  too_many_attempts: passing,
  verification_failed:
    'Run it again. If it fails again, the file storage wants a look: give your operator the id below.',
  file_too_large: 'Narrow the filter, and make several smaller exports.',
  user_id_not_text: 'Running it again cannot help before your operator has mended those users.',
  user_ids_out_of_order: 'Running it again cannot help before your operator has looked at the user database.',
  filter_too_broad: 'Narrow the rule about accounts, and start a new export.',
  invalid_request: 'What was asked for fits the tenant no more. Start a new export.',
};

// Nothing was stored: what is wrong is between the server and the client.
const streamed: typeof advice = {
  ...advice,
  verification_failed: 'What arrived is not what was sent, so it was not kept. Run it again.',
};

/** Words for a job that failed. */
export function failureOf({ error, mode }: Pick<Job, 'error'> & Partial<Pick<Job, 'mode'>>): FailureWords {
  return {
    reason: error?.message ?? 'Export failed. Please try again.',
    safe: 'Your users are as they were. No file was kept, so that nothing incomplete can be taken for the whole.',
    next:
      (error && (mode === 'sync' ? streamed : advice)[error.code]) ??
      'Run it again. If it fails again, give your operator the id below.',
  };
}
