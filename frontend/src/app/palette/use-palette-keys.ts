import { useEffect } from 'react';
import { isModalOpen, isModHeld, isTypedInto } from '@/shared/ui/keys';

/** What a key opens: the command palette, or the list of shortcuts. */
export type Opened = 'palette' | 'shortcuts' | null;

/**
 * Opens the palette by Ctrl+K or ⌘K, also from a field, and closes it by the same keys. Opens the list of shortcuts by
 * "?", except in a field. Does nothing while another dialog or a menu is open.
 */
export function usePaletteKeys(opened: Opened, onChange: (opened: Opened) => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const asks = isModHeld(event) && event.key.toLowerCase() === 'k';
      if (asks && opened === 'palette') {
        event.preventDefault();
        if (!event.repeat) onChange(null);
        return;
      }
      if (isModalOpen() || document.activeElement?.closest('[role="menu"], [role="dialog"]')) return;
      const { key, ctrlKey, metaKey, altKey } = event;
      if (asks) {
        event.preventDefault(); // browsers focus their address bar
        if (!event.repeat) onChange('palette');
      } else if (key === '?' && !ctrlKey && !metaKey && !altKey && !isTypedInto(event)) {
        event.preventDefault();
        onChange('shortcuts');
      }
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [opened, onChange]);
}
