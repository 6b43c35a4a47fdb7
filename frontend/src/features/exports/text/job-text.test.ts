import { describe, expect, it } from 'vitest';
import type { Job } from '@/api/client';
import { fileOf, jobOf } from '@/shared/testing/jobs';
import { captionText, lossText, remainingText, rows, sizeText, startText } from './job-text';

const now = new Date('2026-11-23T08:31:37Z');
const zone = 'Europe/London';
const blank = jobOf('A', {}).progress;
const progress = (users: Partial<Job['progress']['users']>, over: Partial<Job['progress']> = {}) => ({
  ...blank,
  ...over,
  users: { ...blank.users, ...users },
});
const file = fileOf({ bytes: 86_200_000, rows: 118_340 });

describe('secondLine', () => {
  const cases: [Partial<Job>, string][] = [
    [{ status: 'queued', queuePosition: 1 }, 'Position 1 in the queue'],
    [{ status: 'queued' }, 'Waiting'],
    [{ status: 'completed' }, 'Attributes · RFC 4180'],
    [{ status: 'completed', mode: 'sync' }, 'Saved by the browser that started it; the server keeps no copy'],
    [
      { status: 'completed_with_errors', mode: 'sync' },
      'State events export failed. Saved by the browser that started it; the server keeps no copy',
    ],
    [{ status: 'completed_with_errors' }, 'State events export failed. The users file is good.'],
    [
      { status: 'failed', error: { code: 'storage_unavailable', message: 'The file storage did not answer.' } },
      'The file storage did not answer. No file was kept.',
    ],
    [{ status: 'cancelled' }, 'Before it began. No file was kept.'],
    [{ status: 'cancelled', startedAt: '2026-11-23T08:31:28Z' }, 'Before the first row. No file was kept.'],
    [
      { status: 'cancelled', startedAt: '2026-11-23T08:31:28Z', progress: progress({ rows: 214_003 }) },
      'At 214,003 rows. No file was kept.',
    ],
    [
      {
        status: 'cancelled',
        cancelledBy: 'priya.nair@example.com',
        startedAt: '2026-11-23T08:31:28Z',
        progress: progress({ rows: 214_003 }),
      },
      'By priya.nair@example.com, at 214,003 rows. No file was kept.',
    ],
    [
      {
        status: 'cancelled',
        mode: 'sync',
        origin: 'console',
        cancelReason: 'tab_closed',
        startedAt: '2026-11-23T08:31:28Z',
        progress: progress({ rows: 488 }),
      },
      'Its tab was closed, at 488 rows. No file was kept.',
    ],
    [
      { status: 'cancelled', mode: 'sync', origin: 'api', cancelReason: 'stream_not_opened' },
      'Its client did not start the download, before it began. No file was kept.',
    ],
    [
      { status: 'cancelled', cancelledBy: 'priya.nair@example.com' },
      'By priya.nair@example.com, before it began. No file was kept.',
    ],
    [
      { status: 'expired', completedAt: '2026-11-14T10:00:00Z', expiresAt: '2026-11-21T10:00:00Z' },
      'Completed 14 Nov, files deleted 21 Nov',
    ],
  ];
  it.each(cases)('of %o is %s', (over, line) => expect(captionText(jobOf('A', over), zone, now)).toBe(line));
});

describe('started', () => {
  const at = { createdAt: '2026-11-23T08:31:20Z', startedAt: '2026-11-23T08:31:28Z' };
  const cases: [Partial<Job>, string, string][] = [
    [{ status: 'queued', createdAt: at.createdAt }, '08:31', 'waiting'],
    [{ ...at, status: 'downloading' }, '08:31', '9 s so far'],
    [{ ...at, status: 'completed', completedAt: '2026-11-23T08:32:20Z' }, '08:31', '52 s'],
    [{ ...at, status: 'completed', completedAt: '2026-11-23T08:31:28.300Z' }, '08:31', 'under 1 s'],
    [{ status: 'cancelled', createdAt: '2026-11-14T08:31:20Z' }, '14 Nov', ''],
  ];
  it.each(cases)('of %o is %s, %s', (over, first, second) =>
    expect(startText(jobOf('A', over), zone, now)).toEqual({ first, second }),
  );
});

describe('rows and sizes', () => {
  const half = { bytes: 12_400_000, bytesTotal: 48_100_000, rows: 15_964 };
  const cases: [string, Partial<Job>, string, string, string][] = [
    ['a file', { status: 'completed', files: [file] }, '118,340', '86.2 MB', ''],
    ['an estimate', { status: 'downloading', progress: progress(half) }, '15,964', '12.4 MB', 'of about 48.1'],
    [
      'a little of an exact total, in the unit of the total',
      { status: 'downloading', progress: progress({ ...half, bytes: 1_200, bytesTotalExact: true }) },
      '15,964',
      '0.0 MB',
      'of 48.1',
    ],
    ['a job in the queue', { status: 'queued' }, '–', '–', ''],
    ['a cancelled job', { status: 'cancelled', progress: progress(half) }, '–', '–', ''],
  ];
  it.each(cases)('of %s', (_, over, count, first, second) => {
    expect(rows(jobOf('A', over))).toBe(count);
    expect(sizeText(jobOf('A', over))).toEqual({ first, second });
  });
});

it('says what is left, and nothing while that is unknown', () => {
  expect(remainingText(jobOf('A', { progress: progress({}, { etaSeconds: 26 }) }))).toBe('26 s left');
  expect(remainingText(jobOf('A', {}))).toBe('');
});

it('says what cancelling loses', () => {
  expect(lossText(jobOf('A', {}))).toBe('Nothing is written yet.');
  expect(lossText(jobOf('A', { progress: progress({ rows: 15_964 }) }))).toBe(
    '15,964 rows are written. No file will be kept.',
  );
});
