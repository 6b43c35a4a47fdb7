import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { ApiError, isBarred } from '@/api/client';
import { lazyPart } from '../lazy-part';
import { RowPicture, type RowPictureKind } from './row-picture';
import classes from './states.module.css';

// The copy button needs code that the first page does not load. Until it is loaded, the id is shown alone.
const RequestId = lazyPart(async () => (await import('./request-id')).RequestId, { before: RequestIdText });

interface EmptyProps {
  picture?: RowPictureKind;
  title: string;
  /** One sentence about the state, one about the next step. */
  children: ReactNode;
  /** Buttons, the next step first. */
  actions?: ReactNode;
  requestId?: string | undefined;
  /** h1 if the state is the whole page. */
  heading?: 'h1' | 'h2';
}

/**
 * EmptyState replaces missing data: it says why there is none and what to do next. It fills its
 * parent.
 */
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

function RequestIdText({ id }: { id: string }) {
  return (
    <p className={classes.request}>
      <span>Request {id}</span>
    </p>
  );
}

interface ErrorProps {
  /** The failed action: "The users could not be loaded". */
  title: string;
  error: unknown;
  /** Leave it out if a retry cannot help. */
  onRetry?: () => void;
  retrying?: boolean;
  actions?: ReactNode;
  /** h1 if the state is the whole page. */
  heading?: 'h1' | 'h2';
}

/** ErrorState says that loading failed, what is safe, what to do, and which id to quote. */
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
                Retry
              </Button>
            )}
            {actions}
          </>
        }
      >
        {words} {!barred && 'Running exports continue.'}
      </EmptyState>
    </div>
  );
}
