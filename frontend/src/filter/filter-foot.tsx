import { Button } from '@mantine/core';
import { countWords, usersWords } from '@/shared/ui/user-count';
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
      <div className={classes.foot}>
        <p role="alert">Discard your changes?</p>
        <Button key="keep" onClick={onKeep} autoFocus>
          Keep editing
        </Button>
        <Button data-danger onClick={onDiscard}>
          Discard
        </Button>
      </div>
    );
  }
  const { users, stale } = counted;
  return (
    <div className={classes.foot}>
      <Count {...counted} />
      <Button onClick={onCancel}>Cancel</Button>
      <Button variant="filled" className={classes.show} onClick={onApply}>
        {users === null || stale || users.accuracy === 'upper_bound' ? 'Show users' : `Show ${usersWords(users)}`}
      </Button>
    </div>
  );
}

function Count({ users, stale, estimated, error, refused }: Counted) {
  if (error) {
    return (
      <p role="status" className={classes.uncounted}>
        {refused ? 'Not counted: see the rule above.' : `Not counted. ${error.message}`}
      </p>
    );
  }
  return (
    // Busy until the number is exact, so that screen readers speak it once.
    <p role="status" aria-busy={stale || estimated} data-stale={stale || undefined}>
      {users === null ? 'Counting…' : <b>{countWords(users)}</b>}
      {users !== null && (users.users === 1 && users.accuracy !== 'upper_bound' ? ' user matches' : ' users match')}
    </p>
  );
}
