import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './question.module.css';

interface Props {
  /** What is asked: "Cancel this export?" */
  title: string;
  /** What that gives up, in a sentence. */
  children: ReactNode;
  /** The button that does it. */
  confirm: string;
  /** The button that leaves all as it is; it has the focus. */
  keep: string;
  onConfirm: () => void;
  onKeep: () => void;
}

/** Asks in place before something is given up. Escape leaves all as it is. */
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
