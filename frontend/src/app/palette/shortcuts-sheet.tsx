import { Kbd, Modal } from '@mantine/core';
import { Fragment } from 'react';
import classes from './palette.module.css';

interface Props {
  opened: boolean;
  onClose: () => void;
}

const mod = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl';

const shortcuts: { keys: string[]; action: string }[] = [
  { keys: [mod, 'K'], action: 'Open the command palette' },
  { keys: ['/'], action: 'Search users' },
  { keys: ['F6'], action: 'Go to the notifications of exports' },
  { keys: ['Esc'], action: 'Close a dialog, or clear the search' },
  { keys: ['?'], action: 'Show these shortcuts' },
];

/** The list of keyboard shortcuts. */
export function ShortcutsSheet({ opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts" size={440} radius="lg">
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
    </Modal>
  );
}
