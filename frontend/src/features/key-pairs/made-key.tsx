import { Button } from '@mantine/core';
import type { NewKeyPair } from '@/shared/api/client';
import { Copy } from '@/shared/ui/copy';
import classes from './new-key.module.css';

// It is the news, and what had the focus is gone.
const focus = (news: HTMLElement | null) => news?.focus();

interface Props {
  pair: NewKeyPair;
  /** The admin tried to leave in another way than by the button. */
  asked: boolean;
  onDone: () => void;
}

/** A pair that was just made, with the secret that nobody is shown again. */
export function MadeKey({ pair: { access_key, secret_key }, asked, onDone }: Props) {
  return (
    <div className={classes.form}>
      <div className={classes.inside}>
        <p ref={focus} tabIndex={-1} className={classes.notice}>
          <b>Copy the secret key now.</b> It is not shown again. Whoever has it may do here what you may.
        </p>
        <dl className={classes.keys}>
          <div>
            <dt>Access key</dt>
            <dd>
              <code>{access_key}</code>
              <Copy value={access_key} label="Copy the access key" />
            </dd>
          </div>
          <div>
            <dt>Secret key</dt>
            <dd>
              <code>{secret_key}</code>
              <Copy value={secret_key} label="Copy the secret key" />
            </dd>
          </div>
        </dl>
      </div>
      <footer className={classes.foot}>
        {asked && (
          <p role="alert" className={classes.notice}>
            Closing loses the secret key. Press Done once you have it.
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
