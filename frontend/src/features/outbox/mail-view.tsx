import { Button, SegmentedControl, Skeleton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { isNotFound, type OutboxMessage } from '@/shared/api/client';
import { useOutboxMail } from '@/shared/api/outbox';
import { ErrorState } from '@/shared/ui/states';
import { Time } from '@/shared/ui/time';
import { framed } from './framed';
import classes from './outbox.module.css';

/** One e-mail as it would have arrived: its page, or its plain text. */
export function MailView({ tenant, mailId }: { tenant: string; mailId: string }) {
  const mail = useOutboxMail(tenant, mailId);
  if (mail.data) return <Message tenant={tenant} mail={mail.data} />;
  if (mail.isPending) {
    return (
      <div role="status" aria-label="Loading the e-mail">
        <Skeleton height={420} radius="md" />
      </div>
    );
  }
  const missing = isNotFound(mail.error);
  return (
    <ErrorState
      title={missing ? 'This e-mail is not kept any more' : 'The e-mail could not be loaded'}
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
        // No script runs in it and it reaches nothing of this page; its link opens a tab of its own.
        <iframe
          className={classes.frame}
          title="The e-mail"
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
