import { expect, it } from 'vitest';
import { jobOf } from '@/shared/testing/jobs';
import { mailNotes } from './mail-notes';

const at = '2026-11-23T08:33:28.000Z';
const notes = (mail: ReturnType<typeof jobOf>['mail'], outbox = false) =>
  mailNotes(jobOf('A', { status: 'completed', mail }), outbox, 'UTC').map(({ kind, lead, rest }) =>
    `${kind}: ${lead} ${rest}`.trim(),
  );

it('says nothing where no e-mail is due', () => {
  expect(notes(null)).toEqual([]);
});

it.each([
  [{ state: 'due', sentAt: null, problem: null }, 'fact: An e-mail is on its way. It goes to amelia.hart@example.com.'],
  [
    { state: 'due', sentAt: null, problem: 'The mail server cannot be reached.' },
    'fact: The e-mail could not be sent yet. The mail server cannot be reached. It is tried again.',
  ],
  [
    { state: 'failed', sentAt: null, problem: 'The mail server refused the e-mail (550).' },
    'warning: The e-mail to amelia.hart@example.com could not be sent. The mail server refused the e-mail (550). The export is as it is shown here.',
  ],
  [{ state: 'sent', sentAt: at, problem: null }, 'fact: E-mail sent to amelia.hart@example.com at 23 Nov 2026, 08:33.'],
] as const)('says what has become of it: %o', (mail, words) => {
  expect(notes(mail)).toEqual([words]);
});

it('does not say sent of what was only kept', () => {
  expect(notes({ state: 'sent', sentAt: at, problem: null }, true)).toEqual([
    'fact: E-mail to amelia.hart@example.com kept at 23 Nov 2026, 08:33. It is in the outbox, since no mail server is set up.',
  ]);
});
