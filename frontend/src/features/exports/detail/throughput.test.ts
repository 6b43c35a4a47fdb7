import { describe, expect, it } from 'vitest';
import { jobOf } from '@/shared/testing/jobs';
import { speedsOf } from './throughput';

const { progress } = jobOf('A', {});
const of = (rows: (number | null)[], intervalMs = 500, completedAt: string | null = null) =>
  speedsOf({
    progress: { ...progress, throughput: { from: '2026-11-23T08:31:05.000Z', intervalMs, rows } },
    completedAt,
  });

describe('speedsOf', () => {
  it('takes speeds from full samples alone, and marks pauses', () => {
    expect(of([50, 100, 100, null, null, 100, 100, 30])).toEqual({
      cells: [0.5, 1, 1, null, null, 1, 1, 0.3],
      words: 'about 180 rows/s on average · 200 at most',
      pause: 'paused for about 1 s',
      from: '08:31:05',
      to: '08:31:09',
    });
  });

  it('does not call it a pause where rows are few', () => {
    expect(of([9, 0, 0, 9, 9, 9, 9, 9])).toMatchObject({ cells: [1, 0, 0, 1, 1, 1, 1, 1], pause: '' });
  });

  it('ends with the job, and draws no cell higher than the fastest', () => {
    const speeds = of([1, 1, 1, 1, 1, 1, 1, 5], 60_000, '2026-11-23T08:38:20.000Z');
    expect(speeds).toMatchObject({ to: '08:38:20', words: 'about 0 rows/s on average · 0 at most' });
    expect(speeds?.cells.at(-1)).toBe(1);
  });

  it.each([
    ['too few samples', [1, 2, 3]],
    ['nothing but pauses', Array.from({ length: 9 }, () => null)],
    ['no rows', Array.from({ length: 9 }, () => 0)],
  ])('is nothing for %s', (_, rows) => expect(of(rows)).toBeNull());

  it('is nothing for a job that kept none', () => {
    expect(speedsOf({ progress, completedAt: null })).toBeNull();
  });
});
