import { Button } from '@mantine/core';
import type { Job } from '@/shared/api/client';
import classes from './cancel-question.module.css';
import { lossOf } from './lines';

interface Props {
  job: Job;
  onConfirm: () => void;
  onKeep: () => void;
}

/** Asks in place whether to cancel, and says what that gives up. Escape keeps the export going. */
export function CancelQuestion({ job, onConfirm, onKeep }: Props) {
  return (
    <fieldset
      className={classes.question}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onKeep();
      }}
    >
      <legend className="unseen">Cancel this export?</legend>
      <p>
        <b aria-hidden="true">Cancel this export?</b> {lossOf(job)}
      </p>
      <div className={classes.buttons}>
        <Button size="xs" data-danger onClick={onConfirm}>
          Cancel export
        </Button>
        <Button size="xs" autoFocus onClick={onKeep}>
          Keep going
        </Button>
      </div>
    </fieldset>
  );
}
