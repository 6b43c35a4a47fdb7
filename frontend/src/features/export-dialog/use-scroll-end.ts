import { useCallback, useLayoutEffect, useRef, useState } from 'react';

/** Follows whether a region that scrolls sideways shows its end: until then its edge fades. */
export function useScrollEnd() {
  const region = useRef<HTMLElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const onScroll = useCallback(() => {
    const { scrollLeft = 0, clientWidth = 0, scrollWidth = 0 } = region.current ?? {};
    setAtEnd(scrollLeft + clientWidth >= scrollWidth - 1);
  }, []);
  useLayoutEffect(() => {
    if (!region.current) return;
    const observer = new ResizeObserver(onScroll);
    observer.observe(region.current);
    if (region.current.firstElementChild) observer.observe(region.current.firstElementChild);
    return () => observer.disconnect();
  }, [onScroll]);
  return { region, onScroll, atEnd };
}
