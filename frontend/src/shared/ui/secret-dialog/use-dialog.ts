import { type RefObject, useRef, useState } from 'react';
import { useReach } from '@/shared/api/reach';

interface DialogState {
  opened: boolean;
  /** Opens it, unless the server cannot be reached. */
  open: () => void;
  /** Closes it, and gives the focus back: to what had it, or where that is gone to the button. */
  close: () => void;
  /** The button that opens it and that is always there. */
  button: RefObject<HTMLButtonElement | null>;
  offline: boolean;
}

/** Whether a dialog is open, and where the focus goes when it is closed. */
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
      // Once the trap has let go. What opened the dialog may be gone: a first row ends the empty state.
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
