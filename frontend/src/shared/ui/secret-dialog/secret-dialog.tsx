import { lazyDialog } from '../lazy-dialog';
import { Wanted } from '../wanted';
import type { SecretDialogProps } from './held';

// Most visits open none, so it is loaded when it is first opened.
const SecretModal = lazyDialog(async () => (await import('./secret-modal')).SecretModal, 'The dialog');

/** A dialog that creates something and shows its secret once. */
export function SecretDialog(props: SecretDialogProps) {
  return (
    <Wanted now={props.opened}>
      <SecretModal {...props} />
    </Wanted>
  );
}
