import { Button } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { ApiError } from '@/shared/api/client';
import { useReach } from '@/shared/api/reach';
import { RequestId } from '@/shared/ui/request-id';
import classes from './secret-dialog.module.css';

interface Props {
  children: ReactNode;
  /** The button that makes it. */
  make: string;
  making: boolean;
  /** Why it was not made. */
  error: Error | null;
  onMake: () => void;
  onCancel: () => void;
}

/** What is asked before something is made. A failure stands beside the buttons, and what was typed stays. */
export function SecretForm({ children, make, making, error, onMake, onCancel }: Props) {
  const { offline } = useReach();
  const requestId = error instanceof ApiError ? error.problem.requestId : undefined;

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (!offline && !making) onMake();
  }

  return (
    <form className={classes.form} noValidate onSubmit={submit}>
      <div className={classes.inside}>{children}</div>
      <footer className={classes.foot}>
        {error && (
          <div role="alert" className={classes.notice} data-tone="fail">
            <p>{error.message}</p>
            {requestId && <RequestId id={requestId} />}
          </div>
        )}
        <div className={classes.row}>
          <Button disabled={making} onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" variant="filled" aria-disabled={offline || undefined} loading={making}>
            {make}
          </Button>
        </div>
      </footer>
    </form>
  );
}
