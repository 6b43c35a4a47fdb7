import { Button, SegmentedControl, Skeleton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { isNotFound, type OutboxMessage } from '@/api/client';
import { useOutboxMail } from '@/api/outbox';
import { ErrorState } from '@/shared/ui/states';
import { Time } from '@/shared/ui/time';
import classes from './outbox.module.css';

/** One email as the recipient would see it: as HTML, or as plain text. */
export function MailView({ tenant, mailId }: { tenant: string; mailId: string }) {
  const mail = useOutboxMail(tenant, mailId);
  if (mail.data) return <Message tenant={tenant} mail={mail.data} />;
  if (mail.isPending) {
    return (
      <div role="status" aria-label="Loading the email">
        <Skeleton height={420} radius="md" />
      </div>
    );
  }
  const missing = isNotFound(mail.error);
  return (
    <ErrorState
      title={missing ? 'This email is no longer stored' : 'The email could not be loaded'}
      error={mail.error}
      retrying={mail.isFetching}
      {...(!missing && { onRetry: () => mail.refetch() })}
    />
  );
}

const forms = [
  { value: 'page', label: 'Page' },
  { value: 'text', label: 'Plain text' },
] as const;

function Message({ tenant, mail }: { tenant: string; mail: OutboxMessage }) {
  const [form, setForm] = useState<string>('page');
  const title = useId();
  return (
    <article className={classes.message} aria-labelledby={title}>
      <header className={classes.head}>
        <h2 id={title} dir="auto">
          {mail.subject}
        </h2>
        <p>
          To {mail.to}, <Time value={mail.time} />
        </p>
        <div className={classes.actions}>
          <SegmentedControl
            aria-label="Show as"
            withItemsBorders={false}
            data={[...forms]}
            value={form}
            onChange={setForm}
          />
          <Button
            renderRoot={(props) => (
              <Link {...props} to="/t/$tenant/exports/$jobId" params={{ tenant, jobId: mail.jobId }} />
            )}
          >
            Open the export
          </Button>
        </div>
      </header>
      {form === 'page' ? (
        // The sandbox runs no scripts and has no access to this page. Links open in a new tab.
        <iframe
          className={classes.frame}
          title="The email"
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          srcDoc={framed(mail.html)}
        />
      ) : (
        <pre className={classes.text} dir="auto">
          {mail.text}
        </pre>
      )}
    </article>
  );
}

/** Returns the HTML of an email for a frame: its links open in a new tab. */
export function framed(html: string): string {
  const target = '<base target="_blank">';
  return html.includes('<head>') ? html.replace('<head>', `<head>${target}`) : target + html;
}
