import type { ReactNode } from 'react';
import { Copy } from '../copy';
import classes from './secret-dialog.module.css';
import { SecretNotice } from './secret-notice';

interface Props {
  /** What the secret is for and where to keep it. */
  children: ReactNode;
  /** The values to copy, by name: "Secret key". */
  values: Record<string, string>;
  /** A warning about what is lost, after an attempt to close without the button. */
  warning: string | null;
  onDone: () => void;
}

/** SecretShown shows the new object with its secret, which cannot be shown again. */
export function SecretShown({ children, values, warning, onDone }: Props) {
  return (
    <SecretNotice notice={children} warning={warning} done="Done" onDone={onDone}>
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
    </SecretNotice>
  );
}
