import { Button } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { ApiError } from '@/api/client';
import { useReach } from '@/api/reach';
import { RequestId } from '../request-id';
import classes from './secret-dialog.module.css';

interface Props {
  children: ReactNode;
  /** The text of the submit button. */
  make: string;
  making: boolean;
  /** Why the request failed. */
  error: Error | null;
  onMake: () => void;
  onCancel: () => void;
}

/**
 * SecretForm is the form of the dialog. After a failure it shows the error next to the buttons and
 * keeps the input.
 */
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
      <div className={classes.foot}>
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
      </div>
    </form>
  );
}
