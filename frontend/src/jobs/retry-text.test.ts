import { describe, expect, it } from 'vitest';
import type { Job } from '@/api/client';
import { retryAnnouncement, retryText, waitingState } from './retry-text';

const now = new Date('2026-11-23T08:31:28.000Z');
const storage = (at: string): Pick<Job, 'retry'> => ({
  retry: { reason: 'storage_unavailable', message: 'The file storage is not responding.', at, attempt: 3, of: 10 },
});
const queue: Pick<Job, 'retry'> = {
  retry: {
    reason: 'queue_out_of_memory',
    message: 'The queue does not accept work: Redis is out of memory.',
    at: null,
    attempt: null,
    of: null,
  },
};

const unconfirmed: Pick<Job, 'retry'> = {
  retry: {
    reason: 'file_unconfirmed',
    message: 'Waiting for the tab that receives the file.',
    at: null,
    attempt: null,
    of: null,
    until: '2026-11-23T08:31:58.000Z',
  },
};

describe('retryText', () => {
  it.each([
    ['2026-11-23T08:32:00.000Z', 'Attempt 3 of 10 in 32 s, at 08:32:00.', 'Waiting'],
    ['2026-11-23T08:32:28.000Z', 'Attempt 3 of 10 in 1 min, at 08:32:28.', 'Waiting'],
    ['2026-11-23T08:31:28.001Z', 'Attempt 3 of 10 in 1 s, at 08:31:28.', 'Waiting'],
    ['2026-11-23T08:31:28.000Z', 'Attempt 3 of 10 is running.', 'Retrying'],
    ['2026-11-23T08:31:00.000Z', 'Attempt 3 of 10 is running.', 'Retrying'],
  ])('names the attempt at %s', (at, words, state) => {
    expect(retryText(storage(at), now, 'UTC')).toBe(`The file storage is not responding. ${words}`);
    expect(waitingState(storage(at), now)).toBe(state);
  });

  it('says that a job starts once the queue takes it', () => {
    expect(retryText(queue, now)).toBe(
      'The queue does not accept work: Redis is out of memory. The export starts as soon as it does.',
    );
    expect(waitingState(queue, now)).toBe('Waiting');
  });

  it('says when a job is given up whose tab is silent', () => {
    expect(retryText(unconfirmed, now)).toBe(
      'Waiting for the tab that receives the file. Without an answer the export is cancelled in 30 s.',
    );
    expect(retryText(unconfirmed, new Date('2026-11-23T08:33:00.000Z'))).toMatch(/cancelled in 0 s\.$/);
    expect(retryAnnouncement(unconfirmed)).toBe('Waiting for the tab that receives the file.');
    expect(waitingState(unconfirmed, now)).toBe('Waiting');
  });

  it('says nothing where nothing waits', () => {
    expect(retryText({ retry: null }, now)).toBeNull();
    expect(retryAnnouncement({ retry: null })).toBeNull();
    expect(waitingState({ retry: null }, now)).toBeNull();
  });
});
