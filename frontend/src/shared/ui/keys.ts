/** Whether the system is Apple's, whose shortcuts use ⌘ instead of Ctrl. */
const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The name of the key that shortcuts are pressed with. */
export const modName: '⌘' | 'Ctrl' = isApple ? '⌘' : 'Ctrl';

/** Reports whether the key of shortcuts is held, without Alt and Shift: ⌘ on systems of Apple, else Ctrl. */
export function isModHeld({ ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
  const [held, other] = isApple ? [metaKey, ctrlKey] : [ctrlKey, metaKey];
  return held && !other && !altKey && !shiftKey;
}

/** Reports whether the event's target takes letters, so that a single key is no shortcut there. */
export function isTypedInto({ target }: Event): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));
}

/** Reports whether a modal dialog or drawer is open. Shortcuts of the page do nothing then. */
export function isModalOpen(): boolean {
  return document.querySelector('[role="dialog"][aria-modal="true"]') !== null;
}
