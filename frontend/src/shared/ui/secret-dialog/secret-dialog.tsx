import { Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Fragment, type ReactNode, useState } from 'react';
import classes from './secret-dialog.module.css';

/** What the dialog and what it shows tell each other. */
export interface Held {
  /** The admin tried to leave while a secret was at stake. */
  asked: boolean;
  /** A secret is on its way or shown, or is not. */
  onHeld: (held: boolean) => void;
}

interface Props {
  title: string;
  opened: boolean;
  onClose: () => void;
  /** What it shows; it begins anew with each opening, and what it holds goes when it goes. */
  children: (held: Held) => ReactNode;
}

/** A dialog that makes something and shows its secret, once. */
export function SecretDialog({ title, opened, onClose, children }: Props) {
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
      classNames={{
        // Not as the content's own class: that goes to what centres it, too.
        content: classes.content ?? '',
        header: classes.header ?? '',
        title: classes.title ?? '',
        close: classes.close ?? '',
        body: classes.body ?? '',
      }}
    >
      <Modal.Overlay color="var(--overlay)" backgroundOpacity={1} />
      <Modal.Content>
        {/* The page has its own banner on narrow screens; this is no second one. */}
        <Modal.Header role="presentation">
          <Modal.Title>{title}</Modal.Title>
          {!held && <Modal.CloseButton aria-label="Close" iconSize={18} onClick={onClose} />}
        </Modal.Header>
        <Modal.Body>
          <Fragment key={round}>{children({ asked, onHeld: setHeld })}</Fragment>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
