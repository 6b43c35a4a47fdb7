import { Button } from '@mantine/core';
import { count, counted as countedWords } from '@/shared/ui/format';
import classes from './filter-drawer.module.css';
import type { Counted } from './use-sifted-count';

interface Props {
  counted: Counted;
  /** Asks whether to discard the changes. */
  asking: boolean;
  onKeep: () => void;
  onDiscard: () => void;
  onCancel: () => void;
  onApply: () => void;
}

/** The number of matching users, and the buttons. */
export function FilterFoot({ counted, asking, onKeep, onDiscard, onCancel, onApply }: Props) {
  if (asking) {
    return (
      <footer className={classes.foot}>
        <p role="alert">Discard your changes?</p>
        <Button key="keep" onClick={onKeep} autoFocus>
          Keep editing
        </Button>
        <Button data-danger onClick={onDiscard}>
          Discard
        </Button>
      </footer>
    );
  }
  const { users, stale } = counted;
  return (
    <footer className={classes.foot}>
      <Count {...counted} />
      <Button onClick={onCancel}>Cancel</Button>
      <Button variant="filled" className={classes.show} onClick={onApply}>
        {users === null || stale ? 'Show users' : `Show ${countedWords(users, 'user')}`}
      </Button>
    </footer>
  );
}

function Count({ users, stale, error, refused }: Counted) {
  if (error) {
    return (
      <p role="status" className={classes.uncounted}>
        {refused ? 'Not counted: see the rule above.' : `Not counted. ${error.message}`}
      </p>
    );
  }
  return (
    <p role="status" aria-busy={stale} data-stale={stale || undefined}>
      {users === null ? 'Counting…' : <b>{count(users)}</b>}
      {users !== null && (users === 1 ? ' user matches' : ' users match')}
    </p>
  );
}
