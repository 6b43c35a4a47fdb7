import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Job } from '@/api/client';
import { jobOf } from '@/shared/testing/jobs';
import { watchStream } from './stall-watch';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setup(retry: Job['retry']) {
  const tell = vi.fn(() => Promise.reject(new Error('no network')));
  const job = jobOf('01A', { status: 'downloading', retry });
  const watch = watchStream({ known: () => job, ask: () => Promise.resolve(job), tell, over: () => {} });
  return { watch, tell };
}

const unconfirmed = { reason: 'file_unconfirmed', message: '', at: null, attempt: null, of: null } as const;

it('tells a server that waits for the confirmation every 10 s that bytes arrive, for 2 minutes after the last one', async () => {
  const { watch, tell } = setup(unconfirmed);
  await vi.advanceTimersByTimeAsync(25_000);
  expect(tell).toHaveBeenCalledTimes(3);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(tell).toHaveBeenCalledTimes(12);
  watch.arrived();
  expect(tell).toHaveBeenCalledTimes(13); // at once: a hidden tab has slow timers
  watch.end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(tell).toHaveBeenCalledTimes(13);
});

it('tells nothing while the server still sends', async () => {
  const { watch, tell } = setup(null);
  await vi.advanceTimersByTimeAsync(60_000);
  watch.arrived();
  expect(tell).not.toHaveBeenCalled();
  watch.end();
});
