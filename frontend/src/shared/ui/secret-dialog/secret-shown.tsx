import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Copy } from '@/shared/ui/copy';
import classes from './secret-dialog.module.css';

// It is the news, and what had the focus is gone.
const focus = (news: HTMLElement | null) => news?.focus();

interface Props {
  /** What to do with it, and what it is good for. */
  children: ReactNode;
  /** What there is to copy, by its name: "Secret key". */
  values: Record<string, string>;
  /** What closing loses, where the admin tried to leave in another way than by the button. */
  warning: string | null;
  onDone: () => void;
}

/** What was just made, with the secret that nobody is shown again. */
export function SecretShown({ children, values, warning, onDone }: Props) {
  return (
    <div className={classes.form}>
      <div className={classes.inside}>
        <p ref={focus} tabIndex={-1} className={classes.notice}>
          {children}
        </p>
        <dl className={classes.values}>
          {Object.entries(values).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <code>{value}</code>
                <Copy value={value} label={`Copy the ${name.toLowerCase()}`} />
              </dd>
            </div>
          ))}
        </dl>
      </div>
      <footer className={classes.foot}>
        {warning && (
          <p role="alert" className={classes.notice}>
            {warning}
          </p>
        )}
        <div className={classes.row}>
          <Button variant="filled" onClick={onDone}>
            Done
          </Button>
        </div>
      </footer>
    </div>
  );
}
