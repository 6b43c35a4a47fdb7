import { useEffect } from 'react';

/** What a key opens: the command palette, or the list of shortcuts. */
export type Opened = 'palette' | 'shortcuts' | null;

/**
 * Opens the palette by Ctrl+K or ⌘K, and the shortcuts by "?". Keys that a field types, and keys while a
 * dialog is open, are left to them.
 */
export function usePaletteKeys(open: (what: Exclude<Opened, null>) => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const { key, ctrlKey, metaKey, altKey, shiftKey, target, defaultPrevented } = event;
      if (defaultPrevented || altKey) return;
      if (document.querySelector('[role="dialog"][aria-modal="true"]')) return;
      if ((ctrlKey || metaKey) && !shiftKey && key.toLowerCase() === 'k') {
        event.preventDefault(); // browsers focus their address bar
        open('palette');
        return;
      }
      const types =
        target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));
      if (key === '?' && !ctrlKey && !metaKey && !types) {
        event.preventDefault();
        open('shortcuts');
      }
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [open]);
}
