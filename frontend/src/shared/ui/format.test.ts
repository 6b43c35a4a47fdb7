import { describe, expect, it, vi } from 'vitest';
import {
  count,
  counted,
  day,
  duration,
  exactUtc,
  keptFor,
  locale,
  moment,
  momentUtc,
  share,
  shownProgress,
  size,
  toastSize,
  zoneName,
} from './format';

it('is tested in English', () => {
  expect(locale).toMatch(/^en/);
});

describe('size', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [12_449_999, '12.4 MB'],
    [48_100_000, '48.1 MB'],
    [999_949_999, '999.9 MB'],
    [999_950_000, '1.0 GB'],
    [1_041_880_000, '1.0 GB'],
    [7_200_000_000_000, '7.2 TB'],
  ])('of %i bytes is %s', (bytes, words) => {
    expect(size(bytes)).toBe(words);
  });
  it('of a part has the unit of its whole', () => {
    expect(size(707_700, 5_712_345)).toBe('0.7 MB');
    expect(size(12, 999)).toBe('12 B');
  });
});

it('the toast writes megabytes without a space, always', () => {
  expect([0, 12_400_000, 1_041_880_000].map(toastSize)).toEqual(['0.0MB', '12.4MB', '1041.9MB']);
});

it.each([
  // [bytes, total, complete, shown bytes, shown total]
  [0, 0, false, '0.0MB', '0.1MB'],
  [12_449_999, 48_100_000, false, '12.4MB', '48.1MB'],
  [28_890_000, 28_940_000, false, '28.8MB', '28.9MB'],
  [28_920_000, 28_940_000, false, '28.9MB', '29.0MB'], // never the same before the end
  [28_940_000, 28_940_000, false, '28.9MB', '29.0MB'], // not verified yet
  [28_940_000, 28_940_000, true, '28.9MB', '28.9MB'],
  [28_960_000, 28_960_000, true, '29.0MB', '29.0MB'],
])('shows %i of %i bytes, complete: %s, as %s of %s', (bytes, total, complete, ...shown) => {
  const progress = shownProgress(bytes, total, complete);
  expect([toastSize(progress.bytes), toastSize(progress.total)]).toEqual(shown);
});

it('counts by locale, with a noun that agrees', () => {
  expect([count(1_284_902), counted(1, 'user'), counted(31_206, 'user')]).toEqual([
    '1,284,902',
    '1 user',
    '31,206 users',
  ]);
});

describe('share', () => {
  it.each([
    [48_213, 1_284_902, '3.8%'],
    [26, 100, '26%'],
    [999_999, 1_000_000, '99%'], // all is only all when it is all
    [5, 5, '100%'],
    [0, 0, '0%'],
  ])('of %i in %i is %s', (part, whole, words) => {
    expect(share(part, whole)).toBe(words);
  });
});

describe('duration', () => {
  it.each([
    [-3, '0 s'],
    [59.4, '59 s'],
    [60, '1 min'],
    [252, '4 min 12 s'],
    [3_900, '1 h 5 min'],
    [7_200, '2 h'],
  ])('of %d s is %s', (seconds, words) => {
    expect(duration(seconds)).toBe(words);
  });
});

describe('times', () => {
  const late = '2026-08-31T23:30:05.000Z';

  it('are of the zone', () => {
    expect(day(late, 'Europe/London')).toBe('1 Sep 2026');
    expect(moment(late, 'America/New_York')).toBe('31 Aug 2026, 19:30');
  });

  it('are exact, and named, in UTC', () => {
    expect(momentUtc(late)).toBe('31 Aug 2026, 23:30:05 UTC');
    expect(exactUtc(late)).toBe(late);
  });

  it('begin the day at 00, not at 24', () => {
    expect(moment('2026-08-31T00:05:00.000Z', 'UTC')).toBe('31 Aug 2026, 00:05');
  });

  it('name their zone', () => {
    expect(zoneName('Europe/London', new Date('2026-11-23T00:00:00Z'))).toBe('Europe/London (UTC+0)');
    expect(zoneName('Asia/Kolkata', new Date('2026-11-23T00:00:00Z'))).toBe('Asia/Kolkata (UTC+5:30)');
  });
});

it.each([
  [604_800, '7 days'],
  [86_400, '1 day'],
  [129_600, '36 h'],
  [90, '1 min 30 s'],
])('says that files are kept for %d seconds as %s', (seconds, words) => {
  expect(keptFor(seconds)).toBe(words);
});

it('creates a format once for all rows of a table', () => {
  const { DateTimeFormat } = Intl;
  const created = vi.spyOn(Intl, 'DateTimeFormat').mockImplementation(function create(...options) {
    return new DateTimeFormat(...options);
  });
  const days = ['2026-08-28T08:31:28.000Z', '2026-11-23T08:31:28.000Z'].map((time) => day(time, 'Asia/Tokyo'));
  expect(days).toEqual(['28 Aug 2026', '23 Nov 2026']);
  expect(created).toHaveBeenCalledOnce();
  created.mockRestore();
});
