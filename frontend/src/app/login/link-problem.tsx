import { Button } from '@mantine/core';
import { isNotFound } from '@/api/client';
import classes from './login.module.css';
import { Split } from './split';

interface Props {
  /** What the link is for: "invitation". */
  what: string;
  /** The secret in the address; "" without one. */
  token: string;
  /** Why the server did not return it. */
  error: Error | null;
  retrying: boolean;
  onRetry: () => void;
  /** What to do with a link that is used, withdrawn or expired. */
  next: string;
  to: '/login' | '/forgot-password';
  button: string;
}

/** The page of a link that is invalid or could not be checked. */
export function LinkProblem({ what, token, error, retrying, onRetry, next, to, button }: Props) {
  const over = !token || isNotFound(error);
  const lead = token
    ? `It was already used, or it has expired. ${next}`
    : `Open the link of the ${what} again. ${next}`;
  return (
    <Split
      title={
        !token ? `The link is incomplete` : over ? 'This link is no longer valid' : `The ${what} could not be loaded`
      }
      lead={over ? lead : error?.message}
      foot={<a href="/docs/api/">API reference</a>}
    >
      <div className={classes.buttons}>
        {over ? (
          <Button size="md" variant="filled" component="a" href={to}>
            {button}
          </Button>
        ) : (
          <Button size="md" loading={retrying} onClick={onRetry}>
            Retry
          </Button>
        )}
      </div>
    </Split>
  );
}
