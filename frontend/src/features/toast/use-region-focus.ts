import { type RefObject, useCallback, useEffect, useRef } from 'react';

/** What the toasts need to know of the focus. */
interface RegionFocus {
  /**
   * Reports whether the focus is in the region, or was there until its element was disabled or
   * removed.
   */
  holdsFocus: () => boolean;
  /** Moves the focus back: to the element that had it before F6, or else to the page's title. */
  leave: () => void;
}

/**
 * Makes F6 move the focus to the region and back. It does nothing while a dialog is open.
 */
export function useRegionFocus(region: RefObject<HTMLElement | null>): RegionFocus {
  const from = useRef<HTMLElement | null>(null);
  const inside = useRef(false);
  const leave = useCallback(() => {
    const before = from.current?.isConnected ? from.current : document.querySelector<HTMLElement>('[data-page-title]');
    before?.focus();
  }, []);
  const holdsFocus = useCallback(() => inside.current && isFree(region.current), [region]);
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.key !== 'F6' || event.ctrlKey || event.altKey || event.metaKey || !region.current) return;
      if (document.querySelector('[aria-modal="true"]')) return;
      event.preventDefault();
      const { activeElement } = document;
      if (region.current.contains(activeElement)) {
        leave();
        return;
      }
      from.current = activeElement instanceof HTMLElement && activeElement !== document.body ? activeElement : null;
      region.current.focus();
    }
    // A browser takes the focus from a button that becomes disabled, without an event that names it.
    // So only a focus or a press elsewhere shows that the admin has left the region.
    function onUse({ target }: Event): void {
      inside.current = target instanceof Node && (region.current?.contains(target) ?? false);
    }
    addEventListener('keydown', onKey);
    addEventListener('focusin', onUse);
    addEventListener('pointerdown', onUse);
    return () => {
      removeEventListener('keydown', onKey);
      removeEventListener('focusin', onUse);
      removeEventListener('pointerdown', onUse);
    };
  }, [region, leave]);
  return { holdsFocus, leave };
}

// Reports whether the focus is in the region or nowhere.
function isFree(region: HTMLElement | null): boolean {
  const { activeElement } = document;
  return !activeElement || activeElement === document.body || (region?.contains(activeElement) ?? false);
}
