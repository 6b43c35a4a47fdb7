import { expect, it } from 'vitest';
import { fromNow } from './relative-time';

const now = Date.parse('2026-11-28T12:00:00.000Z');

it.each([
  ['2026-11-28T12:00:40.000Z', 'now'],
  ['2026-11-28T11:55:00.000Z', '5 minutes ago'],
  ['2026-11-28T10:59:00.000Z', '1 hour ago'],
  ['2026-11-27T11:00:00.000Z', 'yesterday'],
  ['2026-12-05T11:59:59.000Z', 'in 7 days'],
  ['2026-11-29T11:00:00.000Z', 'in 23 hours'],
])('%s is %s', (time, words) => {
  expect(fromNow(time, now)).toBe(words);
});
