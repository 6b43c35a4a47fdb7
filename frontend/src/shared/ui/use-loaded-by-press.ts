import { notifications } from '@mantine/notifications';
import { type ComponentType, type KeyboardEvent, useEffect, useRef, useState } from 'react';

/** The props of a button that stands for a control until its first press. */
export interface PressProps {
  'aria-expanded': false;
  onPointerEnter: () => void;
  onFocus: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onClick: () => void;
}

/**
 * Loads a control that most visits do not use, such as a menu, at the first press of the button that stands for it. The
 * control then replaces the button and opens at once (useOpenedByPress). If it cannot be loaded, a notice that begins with
 * `what` says so. The last value is what the press passed on.
 */
export function useLoadedByPress<Props, From = undefined>(
  load: () => Promise<ComponentType<Props>>,
  what: string,
): [Control: ComponentType<Props> | null, press: (from: From) => PressProps, from: From | undefined] {
  const [loaded, setLoaded] = useState<{ Control: ComponentType<Props>; from: From } | null>(null);
  const near = () => void load().catch(() => {}); // the press loads it again
  const open = async (from: From) => {
    try {
      const Control = await load();
      setLoaded({ Control, from });
    } catch {
      notifications.show({ message: `${what} could not be loaded. Try again.` });
    }
  };
  const press = (from: From): PressProps => ({
    'aria-expanded': false,
    onPointerEnter: near,
    onFocus: near,
    onKeyDown: (event) => {
      const list = event.currentTarget.ariaHasPopup !== 'dialog';
      if (!list || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
      event.preventDefault(); // the page would scroll
      void open(from);
    },
    onClick: () => void open(from),
  });
  return [loaded?.Control ?? null, press, loaded?.from];
}

/** Calls `open` once, when a control has replaced the button whose press loaded it, after the focus is on its own button. */
export function useOpenedByPress(button: { readonly current: HTMLElement | null }, open: (() => void) | false): void {
  const [first] = useState(() => open);
  useEffect(() => {
    if (!first) return;
    button.current?.focus({ preventScroll: true });
    first();
  }, [first, button]);
}

/** Returns the reference to the button of a menu or popover that opens by the press that loaded it, and its state. */
export function useOpenedMenu(pressed = true) {
  const button = useRef<HTMLButtonElement>(null);
  const [opened, onChange] = useState(false);
  useOpenedByPress(button, pressed && (() => onChange(true)));
  return [button, { opened, onChange }] as const;
}
