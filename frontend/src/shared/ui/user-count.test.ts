import { expect, it } from 'vitest';
import type { UserCount } from '@/api/client';
import { countWords, usersWords } from './user-count';

it.each<[UserCount, string, string]>([
  [{ users: 31_206, accuracy: 'exact' }, '31,206', '31,206 users'],
  [{ users: 1, accuracy: 'exact' }, '1', '1 user'],
  [{ users: 0, accuracy: 'exact' }, '0', '0 users'],
  [{ users: 12_000, accuracy: 'estimate' }, 'about 12,000', 'about 12,000 users'],
  [{ users: 1_500, accuracy: 'upper_bound' }, 'few', 'few users'],
])('writes %j', (of, number, users) => {
  expect(countWords(of)).toBe(number);
  expect(usersWords(of)).toBe(users);
});
