import type { UserCount } from '@/api/client';
import { count, counted } from './format';

/** Returns the number: "31,206", "about 12,000", or "few" if only an upper bound is known. */
export function countWords({ users, accuracy }: UserCount): string {
  if (accuracy === 'upper_bound') return 'few';
  return accuracy === 'exact' ? count(users) : `about ${count(users)}`;
}

/** Returns the number with its noun: "1 user", "about 12,000 users", "few users". */
export function usersWords(of: UserCount): string {
  if (of.accuracy === 'upper_bound') return 'few users';
  return of.accuracy === 'exact' ? counted(of.users, 'user') : `about ${counted(of.users, 'user')}`;
}
