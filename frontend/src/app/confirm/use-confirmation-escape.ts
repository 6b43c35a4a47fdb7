import { useLayoutEffect } from 'react';
import { isConfirmationAsked, settleConfirmation } from '@/api/confirmation';
import { returnFocus } from './return-focus';

/**
 * Cancels the confirmation on Escape, and nothing else. The dialogs below it also listen for
 * Escape on the window and would close with it. A layout effect adds this listener before theirs.
 */
export function useConfirmationEscape(): void {
  useLayoutEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.key !== 'Escape' || event.isComposing || !isConfirmationAsked()) return;
      event.stopImmediatePropagation();
      returnFocus(settleConfirmation(false));
    }
    addEventListener('keydown', onKey, { capture: true });
    return () => removeEventListener('keydown', onKey, { capture: true });
  }, []);
}
