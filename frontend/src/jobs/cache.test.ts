import { QueryClient } from '@tanstack/react-query';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Job } from '@/api/client';
import { keys } from '@/api/keys';
import { jobOf } from '@/shared/testing/jobs';
import { cachedJob, writeEvent } from './cache';
import type { Jobs } from './events';
import type { JobPages } from './pages';

let client: QueryClient;
const own = (tenant = 'a') => client.getQueryData<Jobs>(keys.liveJobs(tenant))?.map(({ jobId }) => jobId);
const listed = (whose: 'me' | 'all') =>
  client.getQueryData<JobPages>(keys.jobs('a', whose))?.pages.flatMap(({ results }) => results.map((job) => job.jobId));

beforeEach(() => {
  client = new QueryClient();
  for (const whose of ['me', 'all'] as const) {
    client.setQueryData<JobPages>(keys.jobs('a', whose), { pages: [{ results: [], next: null }], pageParams: [''] });
  }
});

describe('writeEvent', () => {
  it('writes an own job everywhere, and to no other tenant', () => {
    writeEvent(client, 'a', { type: 'job', job: jobOf('01A', {}) }, 'mine');
    expect([own(), listed('me'), listed('all'), own('b')]).toEqual([['01A'], ['01A'], ['01A'], undefined]);
  });

  it('writes what is not known to be own only to the list of all', () => {
    writeEvent(client, 'a', { type: 'job', job: jobOf('01A', {}) });
    expect([own(), listed('me'), listed('all')]).toEqual([undefined, [], ['01A']]);
  });

  it('knows an own job again', () => {
    writeEvent(client, 'a', { type: 'snapshot', jobs: [jobOf('01A', { version: 1 })] });
    writeEvent(client, 'a', { type: 'job', job: jobOf('01A', { version: 2 }) });
    expect(client.getQueryData<Jobs>(keys.liveJobs('a'))?.[0]?.version).toBe(2);
  });

  it('moves an open detail forward, never back', () => {
    client.setQueryData(keys.job('a', '01A'), jobOf('01A', { version: 5 }));
    const version = () => client.getQueryData<Job>(keys.job('a', '01A'))?.version;
    writeEvent(client, 'a', { type: 'job', job: jobOf('01A', { version: 4 }) }, 'mine');
    expect(version()).toBe(5);
    writeEvent(client, 'a', { type: 'job', job: jobOf('01A', { version: 6 }) }, 'mine');
    expect(version()).toBe(6);
  });
});

describe('a filtered list', () => {
  const failed = keys.jobs('a', 'all', { statuses: ['failed'] });
  const jobs = () => client.getQueryData<JobPages>(failed)?.pages.flatMap(({ results }) => results);
  const stale = () => client.getQueryState(failed)?.isInvalidated;
  beforeEach(() => {
    client.setQueryData<JobPages>(failed, {
      pages: [{ results: [jobOf('01A', { status: 'failed', version: 1 })], next: null }],
      pageParams: [''],
    });
  });

  it('does not take in a job of which only the server knows whether it belongs there', () => {
    writeEvent(client, 'a', { type: 'job', job: jobOf('01B', { version: 1 }) }, 'mine');
    expect(jobs()?.map(({ jobId }) => jobId)).toEqual(['01A']);
    expect(stale()).toBe(true);
  });

  it('shows the newest state of its jobs, and is loaded again only when a status changes', () => {
    writeEvent(client, 'a', { type: 'job', job: jobOf('01A', { status: 'failed', words: 'New', version: 2 }) });
    expect(jobs()?.[0]?.words).toBe('New');
    expect(stale()).toBe(false);
    writeEvent(client, 'a', { type: 'job', job: jobOf('01A', { status: 'expired', version: 3 }) });
    expect(stale()).toBe(true);
  });
});

it('knownJob finds the newest state, wherever it is', () => {
  client.setQueryData(keys.job('a', '01A'), jobOf('01A', { version: 5 }));
  client.setQueryData(keys.liveJobs('a'), [jobOf('01A', { version: 7 }), jobOf('01B', { version: 9 })]);
  expect(cachedJob(client, 'a', '01A')?.version).toBe(7);
  expect(cachedJob(client, 'b', '01A')).toBeUndefined();
});
