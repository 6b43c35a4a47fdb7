import { ActionIcon, TextInput } from '@mantine/core';
import { IconCheck, IconPencil, IconX } from '@tabler/icons-react';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { useReach } from '@/api/reach';
import { Hint } from '@/shared/ui/hint';
import { useFocusAfter } from '@/shared/ui/use-focus-after';
import classes from './inline-field.module.css';

// The admin asked for the input, so it gets the focus.
const select = (input: HTMLInputElement | null) => input?.select();

interface Props {
  /** The name of the field. */
  label: string;
  /** The name of the button that opens the field, and of its tooltip. */
  edit: { name: string; tooltip: string };
  value: string;
  /** The value as it is shown while the field is closed. */
  children: ReactNode;
  inputMode?: 'text' | 'numeric';
  /** Returns what is wrong with the typed text; null if nothing is. */
  problemOf: (typed: string) => string | null;
  /** Saves the trimmed text and calls `done` after that. */
  save: (text: string, done: () => void) => void;
  saving: boolean;
  /** The message of a failed save. */
  problem: string | undefined;
  /** Forgets a failed save. */
  reset: () => void;
}

/** A value with a button that opens a field. Enter saves, Escape cancels. */
export function InlineField({ label, edit, value, children, inputMode = 'text', problemOf, ...saving }: Props) {
  const { offline } = useReach();
  const [typed, setTyped] = useState<string | null>(null); // null while the field is closed
  const pencil = useRef<HTMLButtonElement>(null);
  useFocusAfter(typed !== null, () => pencil.current);

  function leave(): void {
    saving.reset();
    setTyped(null);
  }

  if (typed === null) {
    return (
      <div className={classes.value}>
        {children}
        <Hint label={edit.tooltip}>
          <ActionIcon
            ref={pencil}
            aria-label={edit.name}
            aria-disabled={offline || undefined}
            onClick={() => {
              if (!offline) setTyped(value);
            }}
          >
            <IconPencil size={16} stroke={1.75} />
          </ActionIcon>
        </Hint>
      </div>
    );
  }

  const wrong = problemOf(typed);
  const now = typed.trim();

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (wrong || saving.saving) return;
    if (now === value) leave();
    else saving.save(now, leave);
  }

  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.nativeEvent.isComposing) leave();
      }}
    >
      <TextInput
        ref={select}
        autoFocus
        dir="auto"
        aria-label={label}
        autoComplete="off"
        inputMode={inputMode}
        value={typed}
        error={wrong ?? saving.problem}
        errorProps={{ role: 'alert' }}
        readOnly={saving.saving}
        onChange={({ currentTarget }) => {
          saving.reset();
          setTyped(currentTarget.value);
        }}
      />
      <Hint label="Save">
        <ActionIcon
          type="submit"
          variant="default"
          aria-label="Save"
          aria-busy={saving.saving || undefined}
          aria-disabled={offline || undefined}
        >
          <IconCheck size={16} stroke={1.75} />
        </ActionIcon>
      </Hint>
      <Hint label="Cancel">
        <ActionIcon aria-label="Cancel" onClick={leave}>
          <IconX size={16} stroke={1.75} />
        </ActionIcon>
      </Hint>
    </form>
  );
}
