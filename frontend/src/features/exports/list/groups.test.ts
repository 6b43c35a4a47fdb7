import { describe, expect, it } from 'vitest';
import type { Job } from '@/api/client';
import { jobOf } from '@/shared/testing/jobs';
import { groupJobs, held } from './groups';

const now = new Date('2026-11-23T08:31:28Z');
const done = (id: string, createdAt: string) => jobOf(id, { status: 'completed', createdAt });
const live = (id: string) => jobOf(id, { status: 'downloading', createdAt: now.toISOString() });
const told = (jobs: Job[], zone = 'Europe/London', order?: readonly string[]) =>
  groupJobs(jobs, now, zone, order).map(({ name, note, jobs: some }) => [name, note, some.map(({ jobId }) => jobId)]);

describe('groupJobs', () => {
  it('divides by state and day, and leaves out what is empty', () => {
    const jobs = [
      live('F'),
      done('E', '2026-11-23T07:58:00Z'),
      done('D', '2026-11-22T16:42:00Z'),
      done('C', '2026-11-15T10:00:00Z'),
      done('A', '2026-11-09T10:00:00Z'),
    ];
    expect(told(jobs)).toEqual([
      ['Live', '1', ['F']],
      ['Today', 'Monday 23 Nov', ['E']],
      ['Yesterday', 'Sunday 22 Nov', ['D']],
      ['Earlier', expect.stringMatching(/^9.–.15 Nov$/), ['C', 'A']],
    ]);
    expect(told([])).toEqual([]);
  });

  it.each([
    ['Europe/London', 'Today'],
    ['America/New_York', 'Yesterday'],
    ['Asia/Tokyo', 'Today'],
  ])('takes the day from the zone %s', (zone, name) => {
    expect(told([done('A', '2026-11-23T01:00:00Z')], zone)[0]?.[0]).toBe(name);
  });

  it.each([
    ['2026-11-14T10:00:00Z', '14 Nov'],
    ['2025-11-14T10:00:00Z', '14 Nov 2025'],
  ])('calls a single earlier day %s %s', (createdAt, note) => {
    expect(told([done('A', createdAt)])).toEqual([['Earlier', note, ['A']]]);
  });

  it('takes a job of a clock that is ahead as one of today', () => {
    expect(told([done('A', '2026-11-24T00:10:00Z')])[0]?.[0]).toBe('Today');
  });

  it('keeps every place under the pointer: what ended stays, what is new comes last', () => {
    const ended = { ...live('B'), status: 'completed' as const };
    const jobs = [live('D'), live('C'), ended, done('A', now.toISOString())];
    expect(told(jobs, 'Europe/London', ['C', 'B'])).toEqual([
      ['Live', '2', ['C', 'B', 'D']],
      ['Today', 'Monday 23 Nov', ['A']],
    ]);
    expect(held(jobs, ['C', 'B'])).toEqual(['C', 'B', 'D']);
    expect(held(jobs, null)).toEqual(['D', 'C']);
  });
});
