import { Link } from '@tanstack/react-router';
import type { OutboxMail } from '@/api/client';
import { Time } from '@/shared/ui/time';
import classes from './outbox.module.css';

interface Props {
  tenant: string;
  mails: readonly OutboxMail[];
  /** The id of the email that is shown. */
  chosen: string;
}

/** The emails, newest first; each opens next to the list. */
export function MailList({ tenant, mails, chosen }: Props) {
  return (
    <nav aria-label="Emails">
      <ul className={classes.list}>
        {mails.map(({ mailId, subject, to, time }) => (
          <li key={mailId}>
            <Link
              to="/t/$tenant/outbox"
              params={{ tenant }}
              search={{ mail: mailId }}
              resetScroll={false}
              className={classes.mail}
              aria-current={mailId === chosen ? 'true' : undefined}
            >
              <b dir="auto">{subject}</b>
              <span>{to}</span>
              <span>
                <Time value={time} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
