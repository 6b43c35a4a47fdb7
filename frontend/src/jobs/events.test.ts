import { describe, expect, it } from 'vitest';
import type { Job } from '@/api/client';
import { jobOf } from '@/shared/testing/jobs';
import { applyEvent, type JobEvent, type ProgressEvent, parseEvent, withProgress } from './events';

const known = [jobOf('01C', { version: 7, status: 'downloading' }), jobOf('01A', { version: 3, status: 'completed' })];

describe('applyEvent', () => {
  it('takes what is newer', () => {
    const after = applyEvent(known, { type: 'job', job: jobOf('01C', { version: 8, status: 'completed' }) });
    expect(after.map((job) => [job.jobId, job.status])).toEqual([
      ['01C', 'completed'],
      ['01A', 'completed'],
    ]);
  });

  it('drops what is older, and returns the same cache', () => {
    const late = jobOf('01C', { version: 6, status: 'queued' });
    expect(applyEvent(known, { type: 'job', job: late })).toBe(known);
    expect(applyEvent(known, { type: 'snapshot', jobs: [late] })).toBe(known);
  });

  it('takes an equal version, which may carry a new place in the queue', () => {
    const queued = [jobOf('01C', { version: 1, queuePosition: 2 })];
    const after = applyEvent(queued, { type: 'job', job: jobOf('01C', { version: 1, queuePosition: 1 }) });
    expect(after[0]?.queuePosition).toBe(1);
  });

  it('puts a new job where its time of creation belongs', () => {
    const after = applyEvent(known, { type: 'job', job: jobOf('01B', { version: 1 }) });
    expect(after.map((job) => job.jobId)).toEqual(['01C', '01B', '01A']);
  });

  it('guards every job of a snapshot, and forgets none that it leaves out', () => {
    const after = applyEvent(known, {
      type: 'snapshot',
      jobs: [jobOf('01D', { version: 1 }), jobOf('01C', { version: 6, status: 'preparing' })],
    });
    expect(after.map((job) => [job.jobId, job.status])).toEqual([
      ['01D', 'queued'],
      ['01C', 'downloading'],
      ['01A', 'completed'],
    ]);
  });

  it('compares versions of a later attempt, which are above 32 bits', () => {
    const later = applyEvent(known, { type: 'job', job: jobOf('01C', { version: 2 * 2 ** 32, status: 'preparing' }) });
    const late = applyEvent(later, { type: 'job', job: jobOf('01C', { version: 2 ** 32 + 900, status: 'failed' }) });
    expect(late).toBe(later);
    expect(late[0]?.status).toBe('preparing');
  });

  it('lets no bytes fall while the job runs, and shows the end as it is', () => {
    const at = (version: number, status: Job['status'], bytes: number, percent: number, bytesTotal = 900) => {
      const job = jobOf('01C', { version, status });
      const users = { ...job.progress.users, bytes, bytesTotal };
      return { ...job, progress: { ...job.progress, percent, users } };
    };
    const told = ([job]: readonly Job[]) => [job?.progress.users.bytes, job?.progress.percent, job?.version];
    let cache: readonly Job[] = [at(7, 'downloading', 500, 55)];
    cache = applyEvent(cache, { type: 'job', job: at(2 ** 33, 'preparing', 410, 45, 450) });
    expect(told(cache)).toEqual([500, 55, 2 ** 33]);
    expect(cache[0]?.progress.users.bytesTotal).toBe(500);
    cache = applyEvent(cache, { type: 'job', job: at(2 ** 33 + 1, 'downloading', 510, 56) });
    expect(told(cache)).toEqual([510, 56, 2 ** 33 + 1]);
    cache = applyEvent(cache, { type: 'job', job: at(2 ** 33 + 2, 'cancelled', 400, 44) });
    expect(told(cache)).toEqual([400, 44, 2 ** 33 + 2]);
  });

  it('changes nothing that it was given', () => {
    const frozen = Object.freeze([...known]);
    expect(() => applyEvent(frozen, { type: 'job', job: jobOf('01E', { version: 1 }) })).not.toThrow();
    expect(frozen).toEqual(known);
  });

  it('ends the same in whatever order events arrive', () => {
    const events: JobEvent[] = [4, 2, 9, 1, 9, 3].map((version) => ({ type: 'job', job: jobOf('01F', { version }) }));
    const ends = [events, events.toReversed()].map((order) => order.reduce(applyEvent, []));
    expect(ends[0]).toEqual(ends[1]);
    expect(ends[0]?.[0]?.version).toBe(9);
  });
});

describe('withProgress', () => {
  const running = jobOf('01C', { version: 7, status: 'downloading', warnings: [{ code: 'x', message: 'y' }] });
  const series = { from: '2026-11-23T08:31:28.000Z', intervalMs: 250, rows: [1, 2] };
  const event = (version: number, over: Partial<Job['progress']> = {}): ProgressEvent => {
    return { type: 'progress', jobId: '01C', version, progress: { ...running.progress, percent: 40, ...over } };
  };

  it('takes a newer version and progress, and keeps everything else', () => {
    const after = withProgress(running, event(8));
    expect(after).toEqual({ ...running, version: 8, progress: { ...running.progress, percent: 40 } });
  });

  it.each([7, 6])('drops version %i, which is not newer', (version) => {
    expect(withProgress(running, event(version))).toBe(running);
  });

  it('leaves an ended job as it is', () => {
    const ended = jobOf('01C', { version: 7, status: 'completed' });
    expect(withProgress(ended, event(8))).toBe(ended);
  });

  it('keeps the throughput unless the event has one', () => {
    const first = withProgress(running, event(8, { throughput: series }));
    expect(withProgress(first, event(9)).progress.throughput).toEqual(series);
    const longer = { ...series, rows: [1, 2, 3] };
    expect(withProgress(first, event(9, { throughput: longer })).progress.throughput).toEqual(longer);
  });

  it('lets no percentage fall', () => {
    const ahead = withProgress(running, event(8, { percent: 60 }));
    expect(withProgress(ahead, event(9, { percent: 50 })).progress.percent).toBe(60);
  });
});

describe('parseEvent', () => {
  it('reads a change and a snapshot', () => {
    const job = jobOf('01A', { version: 1 });
    expect(parseEvent(JSON.stringify({ type: 'job', job }))).toEqual({ type: 'job', job });
    expect(parseEvent(JSON.stringify({ type: 'snapshot', jobs: [job] }))).toEqual({ type: 'snapshot', jobs: [job] });
    const progress = { type: 'progress', jobId: '01A', version: 2, progress: job.progress };
    expect(parseEvent(JSON.stringify(progress))).toEqual(progress);
  });

  it.each([
    [7_000, 7_000],
    [-1, 0],
    [1e12, 600_000],
  ])('reads when to reconnect, within bounds: %d', (after, afterMs) => {
    expect(parseEvent(`{"type":"reconnect","afterMs":${after}}`)).toEqual({ type: 'reconnect', afterMs });
  });

  it.each([
    'not json',
    'null',
    '[]',
    '{"type":"weather"}',
    '{"type":"job"}',
    '{"type":"job","job":{"jobId":1,"status":"queued","version":1}}',
    '{"type":"snapshot","jobs":[{}]}',
    '{"type":"progress","jobId":"01A","version":2}',
    '{"type":"reconnect","afterMs":"1"}',
  ])('takes no notice of %s', (message) => {
    expect(parseEvent(message)).toBeUndefined();
  });
});
