import { Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Fragment, useState } from 'react';
import type { SecretDialogProps } from './held';
import classes from './secret-dialog.module.css';

/** The dialog of SecretDialog. */
export function SecretModal({ title, opened, onClose, children }: SecretDialogProps) {
  const small = useMediaQuery('(max-width: 767px)', false, { getInitialValueInEffect: false });
  const [round, setRound] = useState(0);
  const [held, setHeld] = useState(false);
  const [asked, setAsked] = useState(false);
  const [before, setBefore] = useState(false);

  // Each opening has a new state, even while the previous one still fades out.
  if (opened !== before) {
    setBefore(opened);
    if (opened) {
      setRound(round + 1);
      setHeld(false);
      setAsked(false);
    }
  }

  // The secret cannot be shown again, so Escape and a click outside do not close the dialog while
  // it is loading or shown.
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
        // Mantine would also apply the content's own class to the centring wrapper.
        content: classes.content ?? '',
        header: classes.header ?? '',
        title: classes.title ?? '',
        close: classes.close ?? '',
        body: classes.body ?? '',
      }}
    >
      <Modal.Overlay color="var(--overlay)" backgroundOpacity={1} />
      <Modal.Content>
        {/* The page already has a banner on narrow screens, so this header is presentational. */}
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
