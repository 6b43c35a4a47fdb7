import { lazy } from 'react';
import { Wanted } from '../wanted';
import type { SecretDialogProps } from './held';

// Most visits open none, so it is loaded when it is first opened.
const SecretModal = lazy(async () => ({ default: (await import('./secret-modal')).SecretModal }));

/** A dialog that creates something and shows its secret once. */
export function SecretDialog(props: SecretDialogProps) {
  return (
    <Wanted now={props.opened}>
      <SecretModal {...props} />
    </Wanted>
  );
}
