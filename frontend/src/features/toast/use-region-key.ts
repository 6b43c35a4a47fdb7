import { type RefObject, useCallback, useEffect, useRef } from 'react';

/**
 * Lets F6 go to the region and back to where the focus was. While a dialog is open it stays there. Returns what brings
 * the focus back: to where it was, or to the page's title.
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
