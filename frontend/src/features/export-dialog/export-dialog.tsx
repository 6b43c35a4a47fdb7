import { Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useId, useState } from 'react';
import classes from './export-dialog.module.css';
import { ExportPage } from './export-page';
import type { Shown } from './form';

/** What the dialog is opened with. */
export interface ExportDialogProps {
  opened: boolean;
  onClose: () => void;
  tenant: string;
  /** Whom the page shows. */
  initial: Shown;
}

/** The dialog behind the download icon: what you choose, what you get, what it looks like. */
export function ExportDialog({ opened, onClose, tenant, initial }: ExportDialogProps) {
  const subtitle = useId();
  const small = useMediaQuery('(max-width: 767px)', false, { getInitialValueInEffect: false });
  const [nested, setNested] = useState(false);
  const [guarded, setGuarded] = useState(false);
  const [asked, setAsked] = useState(false);

  // A changed filter or search is work: the first try to leave by Escape or beside the dialog only says so.
  function leave(): void {
    setAsked(guarded && !asked);
    if (!guarded || asked) close();
  }

  function close(): void {
    setGuarded(false);
    setAsked(false);
    onClose();
  }

  return (
    <Modal.Root
      opened={opened}
      onClose={leave}
      size={1080}
      centered
      fullScreen={small}
      padding={0}
      radius="lg"
      classNames={{ content: classes.content ?? '' }}
      closeOnEscape={!nested}
    >
      <Modal.Overlay color="var(--overlay)" backgroundOpacity={1} />
      <Modal.Content aria-describedby={subtitle}>
        {/* The page has its own banner on narrow screens; this is no second one. */}
        <Modal.Header role="presentation" className={classes.header ?? ''}>
          <div>
            <Modal.Title className={classes.title ?? ''} tabIndex={-1} data-autofocus>
              Export users
            </Modal.Title>
            <p id={subtitle} className={classes.subtitle}>
              What the file will hold, before it is made.
            </p>
          </div>
          <Modal.CloseButton aria-label="Close" iconSize={18} className={classes.close ?? ''} onClick={close} />
        </Modal.Header>
        <Modal.Body className={classes.body ?? ''}>
          <ExportPage
            tenant={tenant}
            initial={initial}
            asked={asked}
            onClose={close}
            onNested={setNested}
            onUsersChanged={setGuarded}
          />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
