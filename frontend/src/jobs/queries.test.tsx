import { QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Job } from '@/api/client';
import { keys } from '@/api/keys';
import { jobOf } from '@/shared/testing/jobs';
import { testClient } from '@/shared/testing/render';
import { writeEvent } from './cache';
import { OpenSocketsContext } from './socket-context';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());
const { useJobs } = await import('./queries');

const done = (jobId: string, over: Partial<Job> = {}) =>
  jobOf(jobId, { status: 'completed', outcome: 'completed', version: 9, ...over });
const live = (jobId: string, over: Partial<Job> = {}) => jobOf(jobId, { status: 'downloading', version: 5, ...over });

let visible: DocumentVisibilityState;
beforeEach(() => {
  visible = 'visible';
  vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => visible);
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

// The list of a tenant whose socket is open; the server answers with what `jobs` returns.
async function watch(jobs: () => Job[], own: Job[] = []) {
  server.answers(() => ({ body: { results: jobs(), next: null } }));
  const client = testClient();
  client.setQueryData(keys.liveJobs('meridian'), own);
  const linked = new Set(['meridian']);
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>
      <OpenSocketsContext value={linked}>{children}</OpenSocketsContext>
    </QueryClientProvider>
  );
  const { result } = renderHook(() => useJobs('meridian'), { wrapper });
  await pass(100);
  const shown = () =>
    result.current.data?.pages.flatMap(({ results }) => results.map((job) => `${job.jobId} ${job.status}`));
  return { client, shown };
}

it('finds the jobs of others by itself, every 15 seconds while nothing runs', async () => {
  let jobs = [done('01A')];
  const { shown } = await watch(() => jobs);
  jobs = [done('01B'), ...jobs];
  await pass(14_000);
  expect(shown()).toEqual(['01A completed']);
  expect(server.asked).toHaveLength(1);
  await pass(1_000);
  expect(shown()).toEqual(['01B completed', '01A completed']);
  expect(server.asked).toHaveLength(2);
});

it('asks nothing while nobody looks', async () => {
  await watch(() => [done('01A')]);
  visible = 'hidden';
  await pass(60_000);
  expect(server.asked).toHaveLength(1);
});

it('follows a live job of another admin closely', async () => {
  let jobs = [live('01B'), done('01A')];
  const { shown } = await watch(() => jobs);
  jobs = [done('01B'), done('01A')];
  await pass(2_000);
  expect(shown()).toEqual(['01B completed', '01A completed']);
});

it('keeps what the socket has said, whatever an answer that was on its way says', async () => {
  const mine = live('01B');
  const { client, shown } = await watch(() => [mine, done('01A')], [mine]);
  writeEvent(client, 'meridian', { type: 'job', job: done('01B') });
  writeEvent(client, 'meridian', { type: 'job', job: live('01C') }, 'mine');
  await pass(15_000);
  expect(server.asked).toHaveLength(2);
  expect(shown()).toEqual(['01C downloading', '01B completed', '01A completed']);
});
