import { useEffect, useState } from 'react';

const patience = 400; // ms for which the last good figures may stay

/** How figures stand: as asked, of the question before and dimmed, or not known. */
export type Freshness = 'good' | 'dim' | 'unknown';

/** Says how to show figures. `has` is whether there are any, `stale` whether they answer the question before. */
export function useFreshness(has: boolean, stale: boolean): Freshness {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!stale) return;
    const timer = setTimeout(() => setLate(true), patience);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [stale]);
  if (!has) return 'unknown';
  if (!stale) return 'good';
  return late ? 'unknown' : 'dim';
}
