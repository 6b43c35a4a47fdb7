import type { ReactNode } from 'react';

/** The state that the dialog shares with its content. */
export interface Held {
  /** The admin tried to close the dialog while a secret was loading or shown. */
  asked: boolean;
  /** Reports whether a secret is loading or shown. */
  onHeld: (held: boolean) => void;
}

/** The props of a SecretDialog. */
export interface SecretDialogProps {
  title: string;
  opened: boolean;
  onClose: () => void;
  /** The content. It is mounted for each opening and unmounted on close, so no secret remains. */
  children: (held: Held) => ReactNode;
}
