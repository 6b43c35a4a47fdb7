import { TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import classes from './saved-filters.module.css';

interface Props {
  /** The name so far. */
  name: string;
  error: Error | null;
  actions: ReactNode;
  onSubmit: (name: string) => void;
}

/** A field for the name of a saved filter, and buttons. */
export function NameForm({ name, error, actions, onSubmit }: Props) {
  const [text, setText] = useState(name);
  const [missing, setMissing] = useState(false);
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        setMissing(!text.trim());
        if (text.trim()) onSubmit(text.trim());
      }}
    >
      <TextInput
        label="Name"
        placeholder="Lapsed GB subscribers"
        data-autofocus
        maxLength={80}
        value={text}
        error={missing ? 'Enter a name.' : error?.message}
        errorProps={{ role: 'alert' }}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      <div className={classes.actions}>{actions}</div>
    </form>
  );
}
