import { Modal } from '@mantine/core';
import { useEffect, useState } from 'react';
import { settleConfirmation, useConfirmationAsked } from '@/api/confirmation';
import { onSessionOver } from '@/api/session';
import classes from '../login/login.module.css';
import { ConfirmForm } from './confirm-form';
import { returnFocus } from './return-focus';

/**
 * Asks for the password before an action that requires a recent confirmation. After the
 * confirmation the pending requests are sent again; after a cancel the page is unchanged. The
 * focus returns to the element that sent the request.
 */
export function ConfirmDialog() {
  const asking = useConfirmationAsked();
  const [shown, setShown] = useState(asking);
  if (asking && asking.round !== shown?.round) setShown(asking); // keeps the content during the closing transition
  const settle = (confirmed: boolean) => returnFocus(settleConfirmation(confirmed));
  useEffect(
    () =>
      onSessionOver((how) => {
        if (how === 'left') settleConfirmation(false);
      }),
    [],
  );
  return (
    <Modal
      opened={asking !== null}
      onClose={() => settle(false)}
      closeOnClickOutside={false}
      closeOnEscape={false} // see useConfirmationEscape
      withCloseButton={false}
      returnFocus={false}
      size={352}
      zIndex={900}
    >
      <div className={classes.dialog} data-confirmation>
        <Modal.Title>Confirm it’s you</Modal.Title>
        <ConfirmForm key={shown?.round} onConfirmed={() => settle(true)} onCancel={() => settle(false)} />
      </div>
    </Modal>
  );
}
