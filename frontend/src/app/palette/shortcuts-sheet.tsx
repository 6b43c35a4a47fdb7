import { Kbd } from '@mantine/core';
import { Fragment } from 'react';
import { Dialog } from '@/shared/ui/dialog';
import { modName } from '@/shared/ui/keys';
import classes from './palette.module.css';

interface Props {
  opened: boolean;
  onClose: () => void;
}

const shortcuts: { keys: string[]; action: string }[] = [
  { keys: [modName, 'K'], action: 'Open or close the command palette' },
  { keys: ['/'], action: 'Search users, on the Users page' },
  { keys: ['F6'], action: 'Go to your exports’ notifications, and back' },
  { keys: ['Esc'], action: 'Close a dialog or menu; clear the search' },
  { keys: ['?'], action: 'Show these shortcuts' },
];

/** The list of keyboard shortcuts. */
export function ShortcutsSheet({ opened, onClose }: Props) {
  return (
    <Dialog title="Keyboard shortcuts" opened={opened} onClose={onClose} size={440}>
      <dl className={classes.keys}>
        {shortcuts.map(({ keys, action }) => (
          <Fragment key={action}>
            <dt>
              {keys.map((key) => (
                <Fragment key={key}>
                  <Kbd>{key}</Kbd>{' '}
                </Fragment>
              ))}
            </dt>
            <dd>{action}</dd>
          </Fragment>
        ))}
      </dl>
    </Dialog>
  );
}
