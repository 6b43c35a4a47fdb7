import { Button } from '@mantine/core';
import { useRef, useState } from 'react';
import type { KeyPair } from '@/api/client';
import { useRevokeKeyPair } from '@/api/key-pairs';
import { useReach } from '@/api/reach';
import { Copy } from '@/shared/ui/copy';
import { ListCell, ListRow } from '@/shared/ui/list-table';
import { Question } from '@/shared/ui/question';
import { Time } from '@/shared/ui/time';
import { useFocusAfter } from '@/shared/ui/use-focus-after';
import classes from './key-table.module.css';
import { LimitField } from './limit-field';
import { NoteField } from './note-field';

interface Props {
  tenant: string;
  pair: KeyPair;
  /** Whether the admin is an owner: owners see the key pairs of all members, and change their limits. */
  owner: boolean;
}

/** One key pair. On narrow screens, without column heads, each value has a label. */
export function KeyRow({ tenant, pair, owner }: Props) {
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
        <LimitField tenant={tenant} pair={pair} mayChange={owner} />
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
        <ListCell colSpan={owner ? 4 : 3} className={classes.asking ?? ''}>
          <Question
            title="Revoke this API key?"
            confirm="Revoke"
            keep="Keep"
            onKeep={() => setAsking(false)}
            onConfirm={() => {
              setAsking(false);
              revoke.mutate(pair);
            }}
          >
            Requests signed with it are refused immediately.
          </Question>
        </ListCell>
      ) : (
        <>
          {owner && (
            <ListCell className={classes.admin ?? ''} title={email ?? undefined}>
              {email ?? (
                <span className={classes.none}>
                  <span className={classes.narrow}>Admin: </span>removed
                </span>
              )}
            </ListCell>
          )}
          <ListCell className={classes.made ?? ''}>
            <span className={classes.narrow}>Created </span>
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
                // Ignores the second click of a double click.
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
