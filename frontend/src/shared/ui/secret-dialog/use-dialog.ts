import { type RefObject, useRef, useState } from 'react';
import { useReach } from '@/api/reach';

interface DialogState {
  opened: boolean;
  /** Opens the dialog, unless the server cannot be reached. */
  open: () => void;
  /**
   * Closes the dialog and restores the focus: to the element that had it, or else to the button.
   */
  close: () => void;
  /** The permanent button that opens the dialog. */
  button: RefObject<HTMLButtonElement | null>;
  offline: boolean;
}

/** Keeps whether a dialog is open, and restores the focus when it closes. */
export function useDialog(): DialogState {
  const { offline } = useReach();
  const [opened, setOpened] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const opener = useRef<Element>(null);
  return {
    opened,
    open: () => {
      if (offline) return;
      opener.current = document.activeElement;
      setOpened(true);
    },
    close: () => {
      setOpened(false);
      // After the focus trap has ended. The opener may be gone: a first row replaces the empty
      // state and its button.
      setTimeout(() => {
        const at = opener.current;
        const there = at instanceof HTMLElement && at !== document.body && at.isConnected;
        (there ? at : button.current)?.focus({ preventScroll: true });
      });
    },
    button,
    offline,
  };
}
