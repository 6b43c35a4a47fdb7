import { Button } from '@mantine/core';
import { IconDeviceMobile } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useBeginTotp, useRemoveTotp } from '@/api/second-factor';
import { Question } from '@/shared/ui/question';
import { SecretDialog } from '@/shared/ui/secret-dialog/secret-dialog';
import { useDialog } from '@/shared/ui/secret-dialog/use-dialog';
import { Time } from '@/shared/ui/time';
import { useFocusAfter } from '@/shared/ui/use-focus-after';
import classes from './account.module.css';
import { Problem } from './section';
import { TotpSetup } from './totp-setup';

/** The authenticator app: time of setup, and buttons to set it up, replace and remove it. */
export function TotpRow({ since }: { since: string | null }) {
  const begin = useBeginTotp();
  const remove = useRemoveTotp();
  const { opened, open, close, button, offline } = useDialog();
  const [asking, setAsking] = useState(false);
  const removeButton = useRef<HTMLButtonElement>(null);
  useFocusAfter(asking, () => removeButton.current ?? button.current);
  const setUp = () => {
    remove.reset();
    if (!offline && !begin.isPending) begin.mutate(undefined, { onSuccess: open });
  };
  return (
    <div className={classes.item}>
      <IconDeviceMobile size={20} stroke={1.75} aria-hidden />
      <div className={classes.words}>
        <h3>Authenticator app</h3>
        <p>
          {since ? (
            <>
              Set up <Time value={since} as="day" />
            </>
          ) : (
            'Not set up. An app on your phone shows a new code every 30 seconds.'
          )}
        </p>
        <Problem error={begin.error ?? remove.error} />
      </div>
      {asking ? (
        <div className={classes.asking}>
          <Question
            title="Remove the authenticator app?"
            confirm="Remove"
            keep="Keep"
            onKeep={() => setAsking(false)}
            onConfirm={() => {
              setAsking(false);
              begin.reset();
              remove.mutate();
            }}
          >
            Its codes are no longer accepted.
          </Question>
        </div>
      ) : (
        <div className={classes.actions}>
          <Button
            ref={button}
            size="xs"
            aria-label={since ? 'Replace the authenticator app' : 'Set up an authenticator app'}
            aria-busy={begin.isPending || undefined}
            aria-disabled={offline || undefined}
            onClick={setUp}
          >
            {since ? 'Replace' : 'Set up'}
          </Button>
          {since && (
            <Button
              ref={removeButton}
              size="xs"
              data-danger
              aria-label="Remove the authenticator app"
              aria-busy={remove.isPending || undefined}
              aria-disabled={offline || undefined}
              onClick={() => !offline && !remove.isPending && setAsking(true)}
            >
              Remove
            </Button>
          )}
        </div>
      )}
      {begin.data && (
        <SecretDialog title="Authenticator app" opened={opened} onClose={close}>
          {(held) => <TotpSetup setup={begin.data} onClose={close} {...held} />}
        </SecretDialog>
      )}
    </div>
  );
}
