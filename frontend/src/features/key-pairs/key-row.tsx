import { Button } from '@mantine/core';
import { useRef, useState } from 'react';
import type { KeyPair } from '@/shared/api/client';
import { useRevokeKeyPair } from '@/shared/api/key-pairs';
import { useReach } from '@/shared/api/reach';
import { Copy } from '@/shared/ui/copy';
import { ListCell, ListRow } from '@/shared/ui/list-table';
import { Question } from '@/shared/ui/question';
import { Time } from '@/shared/ui/time';
import { useFocusAfter } from '@/shared/ui/use-focus-after';
import classes from './key-table.module.css';
import { NoteField } from './note-field';

interface Props {
  tenant: string;
  pair: KeyPair;
  /** Whose it is stands in it: owners see everyone's. */
  whose: boolean;
}

/** One key pair. What stands alone on a narrow screen says there what it is. */
export function KeyRow({ tenant, pair, whose }: Props) {
  const { access_key: accessKey, email, note, created, last_used: lastUsed } = pair;
  const revoke = useRevokeKeyPair(tenant);
  const { offline } = useReach();
  const [asking, setAsking] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useFocusAfter(asking, () => button.current);
  return (
    <ListRow className={classes.row ?? ''} data-asking={asking || undefined}>
      <ListCell className={classes.note ?? ''}>
        <NoteField tenant={tenant} pair={pair} />
        {revoke.error && (
          <p role="alert" className={classes.problem}>
            {revoke.error.message}
          </p>
        )}
      </ListCell>
      <ListCell className={classes.access ?? ''}>
        <div>
          <code title={accessKey}>{accessKey}</code>
          <Copy value={accessKey} label={`Copy ${accessKey}`} />
        </div>
      </ListCell>
      {asking ? (
        <ListCell colSpan={whose ? 4 : 3} className={classes.asking ?? ''}>
          <Question
            title="Revoke this key pair?"
            confirm="Revoke"
            keep="Keep"
            onKeep={() => setAsking(false)}
            onConfirm={() => {
              setAsking(false);
              revoke.mutate(pair);
            }}
          >
            Requests signed with it will be refused at once.
          </Question>
        </ListCell>
      ) : (
        <>
          {whose && (
            <ListCell className={classes.admin ?? ''} title={email ?? undefined}>
              {email ?? (
                <span className={classes.none}>
                  <span className={classes.narrow}>Its admin is </span>gone
                </span>
              )}
            </ListCell>
          )}
          <ListCell className={classes.made ?? ''}>
            <span className={classes.narrow}>Made </span>
            <Time value={created} as="day" />
          </ListCell>
          <ListCell className={classes.used ?? ''}>
            <span className={classes.narrow}>Last used </span>
            {lastUsed ? <Time value={lastUsed} /> : <span className={classes.none}>never</span>}
          </ListCell>
          <ListCell className={classes.actions ?? ''}>
            <Button
              ref={button}
              size="xs"
              aria-label={`Revoke: ${note || accessKey}`}
              aria-busy={revoke.isPending || undefined}
              aria-disabled={offline || revoke.isPending || undefined}
              onClick={({ detail }) => {
                // The second click of a double click asks nothing anew.
                if (!offline && !revoke.isPending && detail < 2) setAsking(true);
              }}
            >
              Revoke
            </Button>
          </ListCell>
        </>
      )}
    </ListRow>
  );
}
