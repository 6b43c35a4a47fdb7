import type { Job } from '@/shared/api/client';
import { moment } from '@/shared/ui/format';
import type { Note } from './notes';

/** What has become of the e-mail about how a job ended; nothing where none is due. */
export function mailNotes({ mail, requestedBy }: Job, hasOutbox: boolean, zone?: string): Note[] {
  if (!mail) return [];
  const problem = mail.problem ? `${mail.problem} ` : '';
  if (mail.state === 'failed') {
    return [
      {
        kind: 'warning',
        lead: `The e-mail to ${requestedBy} could not be sent.`,
        rest: `${problem}The export is as it is shown here.`,
      },
    ];
  }
  if (mail.state === 'due') {
    return mail.problem
      ? [{ kind: 'fact', lead: 'The e-mail could not be sent yet.', rest: `${problem}It is tried again.` }]
      : [{ kind: 'fact', lead: 'An e-mail is on its way.', rest: `It goes to ${requestedBy}.` }];
  }
  const at = mail.sentAt ? ` at ${moment(mail.sentAt, zone)}` : '';
  return hasOutbox
    ? [
        {
          kind: 'fact',
          lead: `E-mail to ${requestedBy} kept${at}.`,
          rest: 'It is in the outbox, since no mail server is set up.',
        },
      ]
    : [{ kind: 'fact', lead: `E-mail sent to ${requestedBy}${at}.`, rest: '' }];
}
