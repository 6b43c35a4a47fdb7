import { useEffect, useState } from 'react';

const dimPeriod = 400; // ms for which stale figures stay visible

/** How to show figures: as they are, dimmed because they are stale, or not at all. */
export type Freshness = 'good' | 'dim' | 'unknown';

/** Returns how to show figures. `stale` means that they answer the previous request. */
export function useFreshness(hasFigures: boolean, stale: boolean): Freshness {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!stale) return;
    const timer = setTimeout(() => setLate(true), dimPeriod);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [stale]);
  if (!hasFigures) return 'unknown';
  if (!stale) return 'good';
  return late ? 'unknown' : 'dim';
}
