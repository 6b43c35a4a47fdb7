import { describe, expect, it } from 'vitest';
import type { Job } from '@/api/client';
import { jobOf } from '@/shared/testing/jobs';
import { mailNotes, notesOf } from './notes';

describe('notesOf', () => {
  const warning = (code: string, message: string, field?: string) => ({ code, message, ...(field && { field }) });
  it('puts warnings before facts, and leads with what matters', () => {
    const warnings = [
      warning('users_changed', '12 users changed during the run. Each is in the file once.'),
      warning('no_column', 'extended_profiles.x has no column: 3 values are not in the file.', 'extended_profiles.x'),
    ];
    expect(notesOf(jobOf('A', { status: 'completed', warnings }))).toEqual([
      {
        kind: 'warning',
        lead: 'extended_profiles.x has no column:',
        rest: '3 values are not in the file. Run again to include it.',
      },
      { kind: 'fact', lead: '12 users changed during the run.', rest: 'Each is in the file once.' },
    ]);
  });
  it.each<[Partial<Job>, string]>([
    [{ status: 'completed_with_errors' }, 'State events export failed.'],
    [{ status: 'expired', expiresAt: '2026-11-21T10:00:00Z' }, 'The files were deleted.'],
    [{ status: 'completed', mode: 'sync' }, 'Saved by the browser that started it.'],
  ])('of %o is %s', (over, lead) => expect(notesOf(jobOf('A', over))[0]?.lead).toBe(lead));
});

const at = '2026-11-23T08:33:28.000Z';
const notes = (mail: ReturnType<typeof jobOf>['mail'], outbox = false) =>
  mailNotes(jobOf('A', { status: 'completed', mail }), outbox, 'UTC').map(({ kind, lead, rest }) =>
    `${kind}: ${lead} ${rest}`.trim(),
  );

it('says nothing where no email is due', () => {
  expect(notes(null)).toEqual([]);
});

it.each([
  [{ state: 'due', sentAt: null, problem: null }, 'fact: The email is being sent. It goes to amelia.hart@example.com.'],
  [
    { state: 'due', sentAt: null, problem: 'The mail server cannot be reached.' },
    'fact: The email could not be sent yet. The mail server cannot be reached. Egress will try again.',
  ],
  [
    { state: 'failed', sentAt: null, problem: 'The mail server refused the email (550).' },
    'warning: The email to amelia.hart@example.com could not be sent. The mail server refused the email (550). The export itself is not affected.',
  ],
  [{ state: 'sent', sentAt: at, problem: null }, 'fact: Email sent to amelia.hart@example.com at 23 Nov 2026, 08:33.'],
] as const)('says what has become of it: %o', (mail, words) => {
  expect(notes(mail)).toEqual([words]);
});

it('does not say sent of what was only kept', () => {
  expect(notes({ state: 'sent', sentAt: at, problem: null }, true)).toEqual([
    'fact: Email not sent: no mail server is set up. The email to amelia.hart@example.com was kept at 23 Nov 2026, 08:33. Read it in the Outbox.',
  ]);
});
