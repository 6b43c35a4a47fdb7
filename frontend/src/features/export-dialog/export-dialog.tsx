import { Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useId, useState } from 'react';
import { useFeatures } from '@/api/features';
import { usePreferences } from '@/api/preferences';
import { Waiting } from '@/shared/ui/page-skeleton';
import { useFocusReturn } from '@/shared/ui/use-focus-return';
import classes from './export-dialog.module.css';
import { ExportPage } from './export-page';
import type { Shown } from './form';

/** The props of ExportDialog. */
export interface ExportDialogProps {
  opened: boolean;
  onClose: () => void;
  tenant: string;
  /** The users that the page shows. */
  initial: Shown;
}

/** ExportDialog chooses what to export and previews the file. The download icon opens it. */
export function ExportDialog({ opened, onClose, tenant, initial }: ExportDialogProps) {
  const subtitle = useId();
  const small = useMediaQuery('(max-width: 767px)', false, { getInitialValueInEffect: false });
  const [nested, setNested] = useState(false);
  const [guarded, setGuarded] = useState(false);
  const [asked, setAsked] = useState(false);
  useFocusReturn(opened);
  const preferences = usePreferences(tenant);
  useFeatures(tenant); // the page of the dialog needs them, too; asked for together

  // After a change of filter or search, the first Escape or click outside the dialog only shows a
  // warning.
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
      returnFocus={false}
    >
      <Modal.Overlay color="var(--overlay)" backgroundOpacity={1} />
      <Modal.Content aria-describedby={subtitle}>
        {/* The page already has a banner on narrow screens, so this header is presentational. */}
        <Modal.Header role="presentation" className={classes.header ?? ''}>
          <div>
            <Modal.Title className={classes.title ?? ''} tabIndex={-1} data-autofocus>
              Export users
            </Modal.Title>
            <p id={subtitle} className={classes.subtitle}>
              See what the file will contain before you export.
            </p>
          </div>
          <Modal.CloseButton aria-label="Close" iconSize={18} className={classes.close ?? ''} onClick={close} />
        </Modal.Header>
        <Modal.Body className={classes.body ?? ''}>
          {preferences.isPending ? (
            <Waiting />
          ) : (
            <ExportPage
              tenant={tenant}
              initial={initial}
              choices={preferences.data?.export ?? null}
              asked={asked}
              onClose={close}
              onNested={setNested}
              onUsersChanged={setGuarded}
            />
          )}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
