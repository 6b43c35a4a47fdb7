import { useEffect, useRef } from 'react';

/** Gives the focus to `target` once a question in place has gone, unless the focus is somewhere else by then. */
export function useFocusAfter(asking: boolean, target: () => HTMLElement | null): void {
  const before = useRef(asking);
  useEffect(() => {
    const gone = before.current && !asking;
    before.current = asking;
    if (gone && document.activeElement === document.body) target()?.focus();
  });
}
