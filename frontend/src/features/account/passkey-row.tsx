import { Button } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import type { Passkey } from '@/api/client';
import { useReach } from '@/api/reach';
import { useRemovePasskey } from '@/api/second-factor';
import { Question } from '@/shared/ui/question';
import { Time } from '@/shared/ui/time';
import { useFocusAfter } from '@/shared/ui/use-focus-after';
import classes from './account.module.css';
import { PasskeyName } from './passkey-name';
import { Problem } from './section';

/** One passkey: name, time added, last use, and buttons to rename and remove it. */
export function PasskeyRow({ passkey: { id, name, created, lastUsed } }: { passkey: Passkey }) {
  const remove = useRemovePasskey();
  const { offline } = useReach();
  const [asking, setAsking] = useState(false);
  const [renaming, setRenaming] = useState(false);
  const removeButton = useRef<HTMLButtonElement>(null);
  const renameButton = useRef<HTMLButtonElement>(null);
  useFocusAfter(asking, () => removeButton.current);
  useFocusAfter(renaming, () => renameButton.current);
  return (
    <div className={classes.item}>
      <IconKey size={20} stroke={1.75} aria-hidden />
      <div className={classes.words}>
        {renaming ? <PasskeyName id={id} name={name} onLeave={() => setRenaming(false)} /> : <h3 dir="auto">{name}</h3>}
        <p>
          Passkey, added <Time value={created} as="day" />, {lastUsed ? 'last used ' : 'never used'}
          {lastUsed && <Time value={lastUsed} />}
        </p>
        <Problem error={remove.error} />
      </div>
      {asking ? (
        <div className={classes.asking}>
          <Question
            title="Remove this passkey?"
            confirm="Remove"
            keep="Keep"
            onKeep={() => setAsking(false)}
            onConfirm={() => {
              setAsking(false);
              remove.mutate(id);
            }}
          >
            It is no longer accepted. Delete it in your device’s settings, too.
          </Question>
        </div>
      ) : (
        !renaming && (
          <div className={classes.actions}>
            <Button
              ref={renameButton}
              size="xs"
              aria-label={`Rename: ${name}`}
              aria-disabled={offline || undefined}
              onClick={() => !offline && setRenaming(true)}
            >
              Rename
            </Button>
            <Button
              ref={removeButton}
              size="xs"
              data-danger
              aria-label={`Remove: ${name}`}
              aria-busy={remove.isPending || undefined}
              aria-disabled={offline || undefined}
              onClick={() => !offline && !remove.isPending && setAsking(true)}
            >
              Remove
            </Button>
          </div>
        )
      )}
    </div>
  );
}
