import { expect, it } from 'vitest';
import { readDate } from './typed-date';

it.each([
  ['31 Aug 2026', '2026-08-31'],
  ['1. september 2026', '2026-09-01'],
  ['2 Sept 2026', '2026-09-02'],
  [' 2026-08-31 ', '2026-08-31'],
  ['31 Aug 2026, 8:30', '2026-08-31T08:30'],
  ['31 Aug 2026 08:30:05 UTC', '2026-08-31T08:30:05'],
  ['2026-08-31T08:30:00+02:00', '2026-08-31T08:30:00+02:00'],
  ['', ''],
  ['31 Feb 2026', null],
  ['31 Foo 2026', null],
  ['31 Aug 2026 24:00', null],
  ['08/09/2026', null], // August or September?
  ['31 Aug', null],
])('reads %s', (typed, want) => {
  expect(readDate('datetime', typed)).toBe(want);
});

it('accepts no time of day for a date', () => {
  expect(readDate('date', '31 Aug 2026')).toBe('2026-08-31');
  expect(readDate('date', '31 Aug 2026 08:30')).toBeNull();
});
