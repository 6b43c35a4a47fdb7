import { Button } from '@mantine/core';
import { useRef, useState } from 'react';
import { useLogOutEverywhere } from '@/api/account';
import { useReach } from '@/api/reach';
import { openPage } from '@/shared/open-page';
import { useFocusAfter } from '@/shared/ui/use-focus-after';
import classes from './account.module.css';
import { KeyPairsChoice } from './key-pairs-choice';
import { Problem } from './section';

/** Ends every session of the account, this one included, after a confirmation. */
export function LogOutEverywhere({ keyPairs }: { keyPairs: number }) {
  const logOut = useLogOutEverywhere();
  const { offline } = useReach();
  const [asking, setAsking] = useState(false);
  const [revoke, setRevoke] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useFocusAfter(asking, () => button.current);

  if (!asking) {
    return (
      <div className={classes.after}>
        <div className={classes.buttons}>
          <Button
            ref={button}
            data-danger
            aria-disabled={offline || undefined}
            onClick={() => !offline && setAsking(true)}
          >
            Log out everywhere
          </Button>
        </div>
      </div>
    );
  }
  const keep = () => {
    logOut.reset();
    setAsking(false);
  };
  return (
    <fieldset
      className={classes.question}
      onKeyDown={(event) => {
        if (event.key === 'Escape') keep();
      }}
    >
      <legend className="unseen">Log out everywhere?</legend>
      <p>
        <b aria-hidden="true">Log out everywhere?</b> Every session of your account ends at once, this one included.
        Downloads in progress stop. You can log in again.
      </p>
      <KeyPairsChoice keyPairs={keyPairs} checked={revoke} onChange={setRevoke} />
      <Problem error={logOut.error} />
      <div className={classes.buttons}>
        <Button
          data-danger
          aria-busy={logOut.isPending || undefined}
          aria-disabled={offline || undefined}
          onClick={() => {
            if (offline || logOut.isPending) return;
            logOut.mutate(revoke, { onSuccess: () => openPage('/login') });
          }}
        >
          Log out everywhere
        </Button>
        <Button autoFocus onClick={keep}>
          Stay logged in
        </Button>
      </div>
    </fieldset>
  );
}
