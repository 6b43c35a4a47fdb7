import { useLayoutEffect } from 'react';

/**
 * Returns the focus to the element that had it before a dialog opened. Mantine's own way misses a
 * dialog that is mounted open, as one that is loaded when it is first opened.
 */
export function useFocusReturn(opened: boolean): void {
  useLayoutEffect(() => {
    if (!opened) return;
    const before = document.activeElement;
    return () => {
      // After the dialog has released its focus trap.
      if (before instanceof HTMLElement) setTimeout(() => before.focus({ preventScroll: true }));
    };
  }, [opened]);
}
