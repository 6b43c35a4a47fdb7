import type { Job, Warning } from '@/shared/api/client';
import { day } from '@/shared/ui/format';
import { isBarred } from './actions';

/** Something worth knowing about a file: a warning asks for a decision, a fact does not. */
export interface Note {
  kind: 'warning' | 'fact';
  /** What it is, in a few words. */
  lead: string;
  rest: string;
}

// What only tells how a living store behaves; every other code is a loss that a reader must know of.
const facts = new Set(['users_changed', 'resumed']);

/** What a reader of the job should know: its warnings first, then facts. */
export function notesOf(job: Job, zone?: string): Note[] {
  const notes = job.warnings.map(noteOf);
  if (job.status === 'completed_with_errors') {
    notes.push({
      kind: 'warning',
      lead: 'State events export failed.',
      rest: `${job.error?.message ?? ''} The users file is good.`.trim(),
    });
  }
  if (job.status === 'expired' && job.expiresAt) {
    notes.push({
      kind: 'fact',
      lead: 'The files were deleted.',
      rest: `They were kept until ${day(job.expiresAt, zone)}; this receipt stays.`,
    });
  }
  if (isBarred(job)) {
    notes.push({
      kind: 'fact',
      lead: 'You cannot download this export.',
      rest: `Ask ${job.requestedBy}, who made it, or an owner.`,
    });
  }
  if (job.mode === 'sync' && (job.status === 'completed' || job.status === 'completed_with_errors')) {
    notes.push({ kind: 'fact', lead: 'Saved by the browser that ran it.', rest: 'No copy is kept.' });
  }
  return [...notes.filter(({ kind }) => kind === 'warning'), ...notes.filter(({ kind }) => kind === 'fact')];
}

function noteOf({ code, message, field }: Warning): Note {
  const end = message.search(/[.:] /);
  const lead = end < 0 ? message : message.slice(0, end + 1);
  const rest = end < 0 ? '' : message.slice(end + 2);
  return { kind: facts.has(code) ? 'fact' : 'warning', lead, rest: `${rest} ${advice(code, field)}`.trim() };
}

// Names of these are noted as users are written, so that the next run has their columns.
function advice(code: string, field = ''): string {
  const noted = field.startsWith('extended_profiles.') || field.startsWith('foreign_keys.');
  return code === 'no_column' && noted ? 'Run again to include it.' : '';
}
