import { type RefObject, useCallback, useEffect, useRef } from 'react';

/**
 * Makes F6 move the focus to the region and back. It does nothing while a dialog is open. Returns
 * the function that moves the focus back: to the element that had it, or else to the page's title.
 */
export function useRegionKey(region: RefObject<HTMLElement | null>): () => void {
  const from = useRef<HTMLElement | null>(null);
  const leave = useCallback(() => {
    const before = from.current?.isConnected ? from.current : document.querySelector<HTMLElement>('[data-page-title]');
    before?.focus();
  }, []);
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
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [region, leave]);
  return leave;
}
