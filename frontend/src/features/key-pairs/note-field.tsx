import { ActionIcon, TextInput, Tooltip } from '@mantine/core';
import { IconCheck, IconPencil, IconX } from '@tabler/icons-react';
import { type FormEvent, useRef, useState } from 'react';
import type { KeyPair } from '@/api/client';
import { useAnnotateKeyPair } from '@/api/key-pairs';
import { useReach } from '@/api/reach';
import { useFocusAfter } from '@/shared/ui/use-focus-after';
import { problemOf } from './note';
import classes from './note-field.module.css';

// The admin asked for the input, so it gets the focus.
const select = (input: HTMLInputElement | null) => input?.select();

/** The note of a key pair, with a button that opens a field. Enter saves, Escape cancels. */
export function NoteField({ tenant, pair }: { tenant: string; pair: KeyPair }) {
  const { access_key: accessKey, note } = pair;
  const set = useAnnotateKeyPair(tenant);
  const { offline } = useReach();
  const [typed, setTyped] = useState<string | null>(null); // null while the field is closed
  const pencil = useRef<HTMLButtonElement>(null);
  useFocusAfter(typed !== null, () => pencil.current);

  function leave(): void {
    set.reset();
    setTyped(null);
  }

  if (typed === null) {
    return (
      <div className={classes.note}>
        <b dir="auto" title={note || undefined} data-none={!note || undefined}>
          {note || 'No note'}
        </b>
        <Tooltip label="Edit note">
          <ActionIcon
            ref={pencil}
            aria-label={`Edit note: ${note || accessKey}`}
            aria-disabled={offline || undefined}
            onClick={() => {
              if (!offline) setTyped(note);
            }}
          >
            <IconPencil size={16} stroke={1.75} />
          </ActionIcon>
        </Tooltip>
      </div>
    );
  }

  const wrong = problemOf(typed);
  const now = typed.trim();

  function save(event: FormEvent): void {
    event.preventDefault();
    if (wrong || set.isPending) return;
    if (now === note) leave();
    else set.mutate({ accessKey, note: now }, { onSuccess: leave });
  }

  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={save}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.nativeEvent.isComposing) leave();
      }}
    >
      <TextInput
        ref={select}
        autoFocus
        dir="auto"
        aria-label="Note"
        autoComplete="off"
        value={typed}
        error={wrong ?? set.error?.message}
        errorProps={{ role: 'alert' }}
        readOnly={set.isPending}
        onChange={({ currentTarget }) => {
          set.reset();
          setTyped(currentTarget.value);
        }}
      />
      <Tooltip label="Save">
        <ActionIcon
          type="submit"
          variant="default"
          aria-label="Save"
          aria-busy={set.isPending || undefined}
          aria-disabled={offline || undefined}
        >
          <IconCheck size={16} stroke={1.75} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Cancel">
        <ActionIcon aria-label="Cancel" onClick={leave}>
          <IconX size={16} stroke={1.75} />
        </ActionIcon>
      </Tooltip>
    </form>
  );
}
