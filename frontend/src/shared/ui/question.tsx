import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './question.module.css';

interface Props {
  /** The question: "Cancel this export?" */
  title: string;
  /** A sentence about what will be lost. */
  children: ReactNode;
  /** The text of the confirming button. */
  confirm: string;
  /** The text of the button that changes nothing. It has the focus. */
  keep: string;
  onConfirm: () => void;
  onKeep: () => void;
}

/** Question asks in place before a destructive action. Escape changes nothing. */
export function Question({ title, children, confirm, keep, onConfirm, onKeep }: Props) {
  return (
    <fieldset
      className={classes.question}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onKeep();
      }}
    >
      <legend className="unseen">{title}</legend>
      <p>
        <b aria-hidden="true">{title}</b> {children}
      </p>
      <div className={classes.buttons}>
        <Button size="xs" data-danger onClick={onConfirm}>
          {confirm}
        </Button>
        <Button size="xs" autoFocus onClick={onKeep}>
          {keep}
        </Button>
      </div>
    </fieldset>
  );
}
