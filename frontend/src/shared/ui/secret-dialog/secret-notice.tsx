import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './secret-dialog.module.css';

// The secret takes the focus, because the element that had it is gone.
const focus = (news: HTMLElement | null) => news?.focus();

interface Props {
  /** What the secret is for and where to keep it. */
  notice: ReactNode;
  /** The secret with its copy or save buttons. */
  children: ReactNode;
  /** A warning about what is lost, after an attempt to close without the button. */
  warning: string | null;
  /** The button that closes. */
  done: string;
  onDone: () => void;
}

/**
 * SecretNotice shows a new secret that cannot be shown again, and the button that closes the
 * dialog.
 */
export function SecretNotice({ notice, children, warning, done, onDone }: Props) {
  return (
    <div className={classes.form}>
      <div className={classes.inside}>
        <p ref={focus} tabIndex={-1} className={classes.notice}>
          {notice}
        </p>
        {children}
      </div>
      <div className={classes.foot}>
        {warning && (
          <p role="alert" className={classes.notice}>
            {warning}
          </p>
        )}
        <div className={classes.row}>
          <Button variant="filled" onClick={onDone}>
            {done}
          </Button>
        </div>
      </div>
    </div>
  );
}
