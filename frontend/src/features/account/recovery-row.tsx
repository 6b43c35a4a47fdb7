import { Button } from '@mantine/core';
import { IconLifebuoy } from '@tabler/icons-react';
import { useState } from 'react';
import { useMakeRecoveryCodes } from '@/api/second-factor';
import { count } from '@/shared/ui/format';
import { Question } from '@/shared/ui/question';
import { SecretDialog } from '@/shared/ui/secret-dialog/secret-dialog';
import { useDialog } from '@/shared/ui/secret-dialog/use-dialog';
import { useFocusAfter } from '@/shared/ui/use-focus-after';
import classes from './account.module.css';
import { RecoveryCodes } from './recovery-codes';
import { Problem } from './section';

const few = 3;

/** Shows the number of recovery codes left, and creates new ones. */
export function RecoveryRow({ left }: { left: number }) {
  const make = useMakeRecoveryCodes();
  const { opened, open, close, button, offline } = useDialog();
  const [asking, setAsking] = useState(false);
  useFocusAfter(asking, () => button.current);
  return (
    <div className={classes.item}>
      <IconLifebuoy size={20} stroke={1.75} aria-hidden />
      <div className={classes.words}>
        <h3>Recovery codes</h3>
        <p className={left < few ? classes.low : undefined}>
          {left === 0 ? 'None left' : `${count(left)} left`}
          {left < few && '. Create new codes, so that you can log in without your app or passkey.'}
        </p>
        <Problem error={make.error} />
      </div>
      {asking ? (
        <div className={classes.asking}>
          <Question
            title="Create new recovery codes?"
            confirm="Create new codes"
            keep="Keep"
            onKeep={() => setAsking(false)}
            onConfirm={() => {
              setAsking(false);
              make.mutate(undefined, { onSuccess: open });
            }}
          >
            The codes that you saved before stop working.
          </Question>
        </div>
      ) : (
        <div className={classes.actions}>
          <Button
            ref={button}
            size="xs"
            aria-busy={make.isPending || undefined}
            aria-disabled={offline || undefined}
            onClick={() => !offline && !make.isPending && setAsking(true)}
          >
            Create new codes
          </Button>
        </div>
      )}
      {make.data && (
        <SecretDialog title="Recovery codes" opened={opened} onClose={close}>
          {(held) => <RecoveryCodes codes={make.data.recoveryCodes} onDone={close} {...held} />}
        </SecretDialog>
      )}
    </div>
  );
}
