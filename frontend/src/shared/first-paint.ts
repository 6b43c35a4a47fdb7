import { startTransition, useEffect, useState } from 'react';

const patience = 1_000; // ms: what waits for the paint begins then in any case

let painted = false;
const listeners = new Set<() => void>();

function note(): void {
  painted = true;
  for (const listener of listeners) listener();
  listeners.clear();
}

/** Waits for the first paint with text or a picture. A hidden page, and a browser that does not report it, have no wait. */
function watch(): void {
  const reported =
    typeof PerformanceObserver !== 'undefined' && PerformanceObserver.supportedEntryTypes.includes('paint');
  if (!reported || document.visibilityState === 'hidden') {
    painted = true;
    return;
  }
  const observer = new PerformanceObserver((paints) => {
    if (paints.getEntriesByName('first-contentful-paint').length === 0) return;
    observer.disconnect();
    note();
  });
  observer.observe({ type: 'paint', buffered: true });
  setTimeout(note, patience);
}

if (typeof document !== 'undefined') watch();

/**
 * Reports whether the browser has shown the first content of the page. What the first screen does not need waits for it,
 * so that the screen appears sooner.
 */
export function useFirstPaint(): boolean {
  const [shown, setShown] = useState(painted);
  useEffect(() => {
    const show = () => startTransition(() => setShown(true));
    if (painted) show();
    else listeners.add(show);
    return () => void listeners.delete(show);
  }, []);
  return shown;
}
