import { type RefCallback, useCallback } from 'react';

const name = '--toast-space';
const edge = 24; // px below the toasts

/** Tells the page how high the toasts are, so that a list ends above them. For the element around them. */
export function useToastSpace(): RefCallback<HTMLElement> {
  return useCallback((element: HTMLElement | null) => {
    if (!element) return;
    const { style } = document.documentElement;
    const write = () => style.setProperty(name, `${Math.ceil(element.offsetHeight) + edge}px`);
    write();
    const observer = new ResizeObserver(write);
    observer.observe(element);
    return () => {
      observer.disconnect();
      style.removeProperty(name);
    };
  }, []);
}
