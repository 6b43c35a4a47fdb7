import { Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useState } from 'react';
import { NewKey } from './new-key';
import classes from './new-key.module.css';

interface Props {
  tenant: string;
  /** Whom the pair is for: who is logged in. */
  userId: string;
  opened: boolean;
  onClose: () => void;
}

/** The dialog that makes a key pair and shows its secret, once. */
export function NewKeyDialog({ tenant, userId, opened, onClose }: Props) {
  const small = useMediaQuery('(max-width: 767px)', false, { getInitialValueInEffect: false });
  const [round, setRound] = useState(0);
  const [held, setHeld] = useState(false);
  const [asked, setAsked] = useState(false);
  const [before, setBefore] = useState(false);

  // Each opening begins anew, even while the one before still fades.
  if (opened !== before) {
    setBefore(opened);
    if (opened) {
      setRound(round + 1);
      setHeld(false);
      setAsked(false);
    }
  }

  // A secret that is on its way or shown is there this once: then neither Escape nor a click beside the dialog closes it.
  function leave(): void {
    if (held) setAsked(true);
    else onClose();
  }

  return (
    <Modal.Root
      opened={opened}
      onClose={leave}
      size={480}
      centered
      fullScreen={small}
      padding={0}
      radius="lg"
      returnFocus={false}
    >
      <Modal.Overlay color="var(--overlay)" backgroundOpacity={1} />
      <Modal.Content className={classes.content ?? ''}>
        {/* The page has its own banner on narrow screens; this is no second one. */}
        <Modal.Header role="presentation" className={classes.header ?? ''}>
          <Modal.Title className={classes.title ?? ''}>New key pair</Modal.Title>
          {!held && (
            <Modal.CloseButton aria-label="Close" iconSize={18} className={classes.close ?? ''} onClick={onClose} />
          )}
        </Modal.Header>
        <Modal.Body className={classes.body ?? ''}>
          <NewKey key={round} tenant={tenant} userId={userId} asked={asked} onHeld={setHeld} onClose={onClose} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
