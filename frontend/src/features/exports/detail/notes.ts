import type { Job, Warning } from '@/api/client';
import { day, moment } from '@/shared/ui/format';
import { isDownloadForbidden } from '../actions/actions';

/** A note about a job: a warning asks for a decision, a fact does not. */
export interface Note {
  kind: 'warning' | 'fact';
  /** The first sentence or clause, shown in bold. */
  lead: string;
  rest: string;
}

// These warnings report normal behaviour of a live store. Every other code reports a loss of data.
const facts = new Set(['users_changed', 'resumed']);

/** Returns the notes about a job, warnings first. */
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
  if (isDownloadForbidden(job)) {
    notes.push({
      kind: 'fact',
      lead: 'You cannot download this export.',
      rest: `Ask ${job.requestedBy}, who started it, or an owner.`,
    });
  }
  if (job.mode === 'sync' && (job.status === 'completed' || job.status === 'completed_with_errors')) {
    notes.push({ kind: 'fact', lead: 'Saved by the browser that started it.', rest: 'The server keeps no copy.' });
  }
  return [...notes.filter(({ kind }) => kind === 'warning'), ...notes.filter(({ kind }) => kind === 'fact')];
}

function noteOf({ code, message, field }: Warning): Note {
  const end = message.search(/[.:] /);
  const lead = end < 0 ? message : message.slice(0, end + 1);
  const rest = end < 0 ? '' : message.slice(end + 2);
  return { kind: facts.has(code) ? 'fact' : 'warning', lead, rest: `${rest} ${advice(code, field)}`.trim() };
}

// The server records new names of profiles and foreign keys while it writes users, so the next run
// has their columns.
function advice(code: string, field = ''): string {
  const recorded = field.startsWith('extended_profiles.') || field.startsWith('foreign_keys.');
  return code === 'no_column' && recorded ? 'Run again to include it.' : '';
}

/** Returns the state of the email about the job's outcome; empty if no email is due. */
export function mailNotes({ mail, requestedBy }: Job, hasOutbox: boolean, zone?: string): Note[] {
  if (!mail) return [];
  const problem = mail.problem ? `${mail.problem} ` : '';
  if (mail.state === 'failed') {
    return [
      {
        kind: 'warning',
        lead: `The email to ${requestedBy} could not be sent.`,
        rest: `${problem}The export itself is not affected.`,
      },
    ];
  }
  if (mail.state === 'due') {
    return mail.problem
      ? [{ kind: 'fact', lead: 'The email could not be sent yet.', rest: `${problem}Egress will try again.` }]
      : [{ kind: 'fact', lead: 'The email is being sent.', rest: `It goes to ${requestedBy}.` }];
  }
  const at = mail.sentAt ? ` at ${moment(mail.sentAt, zone)}` : '';
  return hasOutbox
    ? [
        {
          kind: 'fact',
          lead: 'Email not sent: no mail server is set up.',
          rest: `The email to ${requestedBy} was kept${at}. Read it in the Outbox.`,
        },
      ]
    : [{ kind: 'fact', lead: `Email sent to ${requestedBy}${at}.`, rest: '' }];
}
