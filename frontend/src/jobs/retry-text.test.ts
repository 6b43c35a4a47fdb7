import { describe, expect, it } from 'vitest';
import type { Job } from '@/api/client';
import { retryAnnouncement, retryAttempt, retryText } from './retry-text';

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

describe('retryWords', () => {
  it.each([
    ['2026-11-23T08:32:00.000Z', 'The file storage is not responding. Trying again in 32 s.'],
    ['2026-11-23T08:32:28.000Z', 'The file storage is not responding. Trying again in 1 min.'],
    ['2026-11-23T08:31:28.001Z', 'The file storage is not responding. Trying again in 1 s.'],
    ['2026-11-23T08:31:28.000Z', 'The file storage is not responding. Trying again now.'],
    ['2026-11-23T08:31:00.000Z', 'The file storage is not responding. Trying again now.'],
  ])('counts down to %s', (at, words) => expect(retryText(storage(at), now)).toBe(words));

  it('says that a job starts once the queue takes it', () => {
    expect(retryText(queue, now)).toBe(
      'The queue does not accept work: Redis is out of memory. The export starts as soon as it does.',
    );
  });

  it('says nothing where nothing waits', () => {
    expect(retryText({ retry: null }, now)).toBeNull();
    expect(retryAnnouncement({ retry: null })).toBeNull();
    expect(retryAttempt({ retry: null })).toBeNull();
  });

  it('counts attempts where they are limited', () => {
    expect(retryAttempt(storage('2026-11-23T08:32:00.000Z'))).toBe('Attempt 3 of 10');
    expect(retryAttempt(queue)).toBeNull();
  });
});
