import { act, render, screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';

type Report = (list: { getEntriesByName: (name: string) => unknown[] }) => void;
let report: Report = () => {};

// A browser that reports its paints, before first-paint.ts is loaded.
async function load(visible: DocumentVisibilityState = 'visible') {
  vi.resetModules();
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(visible);
  class Observer {
    static supportedEntryTypes = ['paint'];
    constructor(callback: Report) {
      report = callback;
    }
    observe() {}
    disconnect() {}
  }
  vi.stubGlobal('PerformanceObserver', Observer);
  const { useFirstPaint } = await import('./first-paint');
  const Part = () => (useFirstPaint() ? 'late' : 'soon');
  render(<Part />);
}
const paint = (name: string) => act(() => report({ getEntriesByName: (asked) => (asked === name ? [{}] : []) }));

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it('waits for the first paint with content', async () => {
  await load();
  paint('first-paint'); // the background
  expect(screen.getByText('soon')).toBeVisible();
  paint('first-contentful-paint');
  expect(screen.getByText('late')).toBeVisible();
});

it('waits at most 1 s, and in a hidden page not at all', async () => {
  vi.useFakeTimers();
  await load();
  act(() => vi.advanceTimersByTime(999));
  expect(screen.getByText('soon')).toBeVisible();
  act(() => vi.advanceTimersByTime(1));
  expect(screen.getByText('late')).toBeVisible();
  vi.useRealTimers();
  document.body.replaceChildren();
  await load('hidden');
  expect(screen.getByText('late')).toBeVisible();
});
