import { useEffectEvent, useLayoutEffect } from 'react';

/**
 * Returns the focus to the element that had it before a dialog opened, then calls `onReturned`. If that element is
 * gone, the title of the page gets the focus. Mantine's own way misses a dialog that is mounted open, as one that is
 * loaded when it is first opened.
 */
export function useFocusReturn(opened: boolean, onReturned?: () => void): void {
  const returned = useEffectEvent(() => onReturned?.());
  useLayoutEffect(() => {
    if (!opened) return;
    const before = document.activeElement;
    return () => {
      // After the dialog has released its focus trap.
      setTimeout(() => {
        giveBack(before);
        returned();
      });
    };
  }, [opened]);
}

// Does nothing if the focus has already left the dialog, as after a navigation.
function giveBack(before: Element | null): void {
  const now = document.activeElement;
  if (now && now !== document.body && !now.closest('[aria-modal="true"]')) return;
  for (const to of [before, document.querySelector('[data-page-title]')]) {
    if (!(to instanceof HTMLElement) || to === document.body) continue;
    to.focus({ preventScroll: true });
    if (document.activeElement === to) return;
  }
}
