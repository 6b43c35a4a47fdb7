import type { Job } from '@/api/client';

/** Why a job failed, what remains safe, and what to do next. */
export interface FailureWords {
  reason: string;
  safe: string;
  next: string;
}

type Code = NonNullable<Job['error']>['code'];

const temporary = 'Run it again in a few minutes. If it fails again, send the ID below to your operator.';
const advice: Partial<Record<Code, string>> = {
  database_unavailable: temporary,
  storage_unavailable: temporary,
  database_refused: 'Send the reason above and the ID below to your operator. Then run it again.',
  storage_refused: 'Send the reason above and the ID below to your operator. Then run it again.',
  unavailable: temporary,
  read_incomplete: temporary,
  too_many_attempts: temporary,
  verification_failed:
    'Run it again. If it fails again, ask your operator to check the file storage, and send them the ID below.',
  file_too_large: 'Narrow the filter and make several smaller exports.',
  user_id_not_text: 'Ask your operator to correct those users. Until then, running it again fails the same way.',
  user_ids_out_of_order:
    'Ask your operator to check the user database. Until then, running it again fails the same way.',
  filter_too_broad: 'Narrow the rule about accounts and start a new export.',
  invalid_request: 'This definition no longer matches the tenant’s schema. Start a new export.',
};

// A streamed file is not stored, so the fault lies between the server and the browser.
const streamed: typeof advice = {
  ...advice,
  verification_failed: 'The file that arrived differs from the file that was sent, so it was deleted. Run it again.',
};

/** Returns the text for a failed job. */
export function failureText({ error, mode }: Pick<Job, 'error'> & Partial<Pick<Job, 'mode'>>): FailureWords {
  return {
    reason: error?.message ?? 'Export failed. Please try again.',
    safe: 'Your users are unchanged. No file was kept, so nobody can mistake an incomplete file for a complete one.',
    next:
      (error && (mode === 'sync' ? streamed : advice)[error.code]) ??
      'Run it again. If it fails again, send the ID below to your operator.',
  };
}
