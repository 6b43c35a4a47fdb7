import { type RefObject, useEffect, useRef, useState } from 'react';

/**
 * Opens a menu that replaces the button whose press loaded it. The menu's own button gets the focus first, so that
 * closing the menu gives the focus back to it.
 */
export function useOpenedByPress(
  pressed: boolean,
): [button: RefObject<HTMLButtonElement | null>, menu: { opened: boolean; onChange: (opened: boolean) => void }] {
  const button = useRef<HTMLButtonElement>(null);
  const [opened, onChange] = useState(false);
  useEffect(() => {
    if (!pressed) return;
    button.current?.focus({ preventScroll: true });
    onChange(true);
  }, [pressed]);
  return [button, { opened, onChange }];
}
