import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { ApiError } from '@/api/client';
import { clock } from './format';
import classes from './stale-line.module.css';

interface Props {
  /** When the shown data was read, in ms since the epoch. */
  at: number;
  error: unknown;
  retrying: boolean;
  onRetry: () => void;
}

/**
 * Says that the shown data is old, and why. If the server does not answer at all, the frame's
 * banner says so instead.
 */
export function StaleLine({ at, error, retrying, onRetry }: Props) {
  if (error instanceof ApiError && error.status === 0) return null;
  return (
    <div role="status" className={classes.stale}>
      <IconAlertTriangle size={16} stroke={1.75} aria-hidden />
      <span>
        <b>Not refreshed.</b> Shown as of {clock(new Date(at))}. {error instanceof ApiError && error.message}
      </span>
      <Button variant="transparent" loading={retrying} onClick={onRetry}>
        Retry
      </Button>
    </div>
  );
}
