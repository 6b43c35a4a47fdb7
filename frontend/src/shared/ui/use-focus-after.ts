import { useEffect, useRef } from 'react';

/**
 * Focuses `target` when an inline question closes, unless another element has the focus by then.
 */
export function useFocusAfter(asking: boolean, target: () => HTMLElement | null): void {
  const before = useRef(asking);
  useEffect(() => {
    const gone = before.current && !asking;
    before.current = asking;
    if (gone && document.activeElement === document.body) target()?.focus();
  });
}
