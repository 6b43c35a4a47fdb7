import { describe, expect, it } from 'vitest';
import { jobOf } from '@/shared/testing/jobs';
import { filterJobs, parseShow } from './status-filter';

describe('shown', () => {
  const jobs = [
    jobOf('E', { status: 'downloading' }),
    jobOf('D', { status: 'failed', outcome: 'failed' }),
    jobOf('C', { status: 'expired', outcome: 'completed' }),
    jobOf('B', { status: 'completed', outcome: 'completed' }),
    jobOf('A', { status: 'cancelled', outcome: 'cancelled' }),
  ];
  it.each([
    [undefined, 'EDCBA'],
    ['nonsense', 'EDCBA'],
    ['live', 'E'],
    ['completed', 'CB'],
    ['failed', 'D'],
  ])('for status %s is %s', (status, ids) => {
    expect(
      filterJobs(jobs, parseShow(status))
        .map(({ jobId }) => jobId)
        .join(''),
    ).toBe(ids);
  });
});
