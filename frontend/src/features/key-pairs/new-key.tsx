import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ApiError } from '@/shared/api/client';
import { useMakeKeyPair } from '@/shared/api/key-pairs';
import { useReach } from '@/shared/api/reach';
import { RequestId } from '@/shared/ui/request-id';
import { MadeKey } from './made-key';
import classes from './new-key.module.css';
import { problemOf } from './note';

interface Props {
  tenant: string;
  userId: string;
  /** The admin tried to leave while a secret was at stake. */
  asked: boolean;
  /** A secret is on its way or shown, or is not. */
  onHeld: (held: boolean) => void;
  onClose: () => void;
}

/** Asks what a pair is for and makes it. What it holds, the secret too, goes when it goes. */
export function NewKey({ tenant, userId, asked, onHeld, onClose }: Props) {
  const make = useMakeKeyPair(tenant);
  const { offline } = useReach();
  const [note, setNote] = useState('');
  const wrong = problemOf(note);
  if (make.data) return <MadeKey pair={make.data} asked={asked} onDone={onClose} />;

  function create(event: FormEvent): void {
    event.preventDefault();
    if (wrong || offline || make.isPending) return;
    onHeld(true);
    make.mutate({ userId, note: note.trim() }, { onError: () => onHeld(false) });
  }

  const requestId = make.error instanceof ApiError ? make.error.problem.requestId : undefined;
  return (
    <form className={classes.form} noValidate onSubmit={create}>
      <div className={classes.inside}>
        <TextInput
          data-autofocus
          dir="auto"
          label="What for"
          description="Optional. It tells your key pairs apart, such as “nightly export”."
          autoComplete="off"
          value={note}
          error={wrong}
          errorProps={{ role: 'alert' }}
          onChange={({ currentTarget }) => setNote(currentTarget.value)}
        />
      </div>
      <footer className={classes.foot}>
        {make.error && (
          <div role="alert" className={classes.notice} data-tone="fail">
            <p>{make.error.message}</p>
            {requestId && <RequestId id={requestId} />}
          </div>
        )}
        <div className={classes.row}>
          <Button disabled={make.isPending} onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" variant="filled" aria-disabled={offline || undefined} loading={make.isPending}>
            Create
          </Button>
        </div>
      </footer>
    </form>
  );
}
