import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useRenamePasskey } from '@/api/second-factor';
import classes from './account.module.css';

// The admin asked for the input, so it gets the focus.
const select = (input: HTMLInputElement | null) => input?.select();

interface Props {
  id: string;
  name: string;
  onLeave: () => void;
}

/** A field with the name of a passkey. Enter saves, Escape cancels. */
export function PasskeyName({ id, name, onLeave }: Props) {
  const rename = useRenamePasskey();
  const [typed, setTyped] = useState(name);
  const now = typed.trim();

  function save(event: FormEvent): void {
    event.preventDefault();
    if (!now || rename.isPending) return;
    if (now === name) onLeave();
    else rename.mutate({ id, name: now }, { onSuccess: onLeave });
  }

  return (
    <form
      className={classes.renaming}
      noValidate
      onSubmit={save}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.nativeEvent.isComposing) onLeave();
      }}
    >
      <TextInput
        ref={select}
        autoFocus
        dir="auto"
        aria-label="Name of the passkey"
        autoComplete="off"
        maxLength={100}
        value={typed}
        error={now ? rename.error?.message : 'Enter a name.'}
        errorProps={{ role: 'alert' }}
        readOnly={rename.isPending}
        onChange={({ currentTarget }) => {
          rename.reset();
          setTyped(currentTarget.value);
        }}
      />
      <Button type="submit" aria-busy={rename.isPending || undefined}>
        Save
      </Button>
      <Button onClick={onLeave}>Cancel</Button>
    </form>
  );
}
