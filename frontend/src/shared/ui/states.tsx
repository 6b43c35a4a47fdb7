import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { ApiError, isBarred } from '@/shared/api/client';
import { RequestId } from './request-id';
import { RowPicture, type RowPictureKind } from './row-picture';
import classes from './states.module.css';

interface EmptyProps {
  picture?: RowPictureKind;
  title: string;
  /** One sentence for what is, one for what next. */
  children: ReactNode;
  /** Buttons: the next step first. */
  actions?: ReactNode;
  requestId?: string | undefined;
  /** h1 where it is the whole page. */
  heading?: 'h1' | 'h2';
}

/** Where data would be, and is not: why, and what next. It fills the place that it is given. */
export function EmptyState({
  picture = 'none',
  title,
  children,
  actions,
  requestId,
  heading: Heading = 'h2',
}: EmptyProps) {
  return (
    <section className={classes.state}>
      <RowPicture kind={picture} />
      <Heading>{title}</Heading>
      <p>{children}</p>
      {actions && <div className={classes.actions}>{actions}</div>}
      {requestId && <RequestId id={requestId} />}
    </section>
  );
}

interface ErrorProps {
  /** What failed: "The users could not be loaded". */
  title: string;
  error: unknown;
  /** Left out where trying again cannot help. */
  onRetry?: () => void;
  retrying?: boolean;
  actions?: ReactNode;
  /** h1 where it is the whole page. */
  heading?: 'h1' | 'h2';
}

/** Where loading failed: what happened, what is safe, what to do, and an id to quote. */
export function ErrorState({ title, error, onRetry, retrying = false, actions, heading = 'h2' }: ErrorProps) {
  const problem = error instanceof ApiError ? error : undefined;
  const barred = isBarred(error);
  const words = problem?.message ?? 'Something broke in this page.';
  return (
    <div role="alert" className={classes.fill}>
      <EmptyState
        picture={barred ? 'barred' : 'missing'}
        heading={heading}
        title={title}
        requestId={problem?.problem.requestId}
        actions={
          <>
            {onRetry && !barred && (
              <Button onClick={onRetry} loading={retrying} leftSection={<IconRefresh size={16} stroke={1.75} />}>
                Try again
              </Button>
            )}
            {actions}
          </>
        }
      >
        {words} {!barred && 'Nothing is lost; running exports go on.'}
      </EmptyState>
    </div>
  );
}
