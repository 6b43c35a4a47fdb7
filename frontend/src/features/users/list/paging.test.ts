import { describe, expect, it } from 'vitest';
import type { User, UserPage } from '@/api/client';
import { userOf } from '../testing';
import { spanOf, spanWords } from './paging';

function pageOf(rows: number, ends: Partial<Pick<UserPage, 'next' | 'previous'>> = {}): UserPage {
  const results = Array.from({ length: rows }, (_, i): User => userOf(`u${i}`));
  return { results, next: null, previous: null, ...ends };
}

describe('spanOf', () => {
  it('starts at 1 on the first page, for any address', () => {
    const page = pageOf(25, { next: 'n' });
    expect(spanOf(page, { page: 7, limit: 25, total: 48_213 })).toEqual({ from: 1, to: 25, about: false });
  });

  it('counts from page to page', () => {
    const page = pageOf(50, { next: 'n', previous: 'p' });
    expect(spanOf(page, { page: 3, limit: 50, total: 48_213 })).toEqual({ from: 101, to: 150, about: false });
  });

  it('ends at the total on the last page, also if its number is unknown', () => {
    const page = pageOf(13, { previous: 'p' });
    expect(spanOf(page, { page: null, limit: 25, total: 63 })).toEqual({ from: 51, to: 63, about: false });
  });

  it('is null for an unknown position', () => {
    const page = pageOf(25, { next: 'n', previous: 'p' });
    expect(spanOf(page, { page: null, limit: 25, total: 63 })).toBeNull();
  });

  it('is "about" if the pages contradict the count', () => {
    const middle = pageOf(25, { next: 'n', previous: 'p' });
    expect(spanOf(middle, { page: 3, limit: 25, total: 70 })).toEqual({ from: 51, to: 75, about: true });
    expect(spanOf(pageOf(4), { page: 1, limit: 25, total: 5 })).toEqual({ from: 1, to: 4, about: true });
  });

  it('does not wait for the count', () => {
    const page = pageOf(25, { next: 'n', previous: 'p' });
    expect(spanOf(page, { page: 2, limit: 25, total: undefined })).toEqual({ from: 26, to: 50, about: false });
  });

  it('is null for an empty page', () => {
    expect(spanOf(pageOf(0), { page: 1, limit: 25, total: 0 })).toBeNull();
  });
});

describe('spanWords', () => {
  it('is a range of a total', () => {
    expect(spanWords({ from: 1, to: 25, about: false }, 25, 48_213)).toEqual({ shown: '1–25', of: ' of 48,213' });
    expect(spanWords({ from: 1, to: 1, about: false }, 1, 1)).toEqual({ shown: '1', of: ' of 1' });
  });

  it('is approximate, or the number only', () => {
    expect(spanWords({ from: 26, to: 50, about: true }, 25, undefined)).toEqual({ shown: 'about 26–50', of: '' });
    expect(spanWords(null, 25, 63)).toEqual({ shown: '25 users', of: ' of 63' });
  });
});
