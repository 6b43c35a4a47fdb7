import { describe, expect, it } from 'vitest';
import { periodOf, sorted, summary } from './subscriptions';
import { grantOf } from './testing';

const products = [
  { id: 'digital-annual', label: 'Digital Annual' },
  { id: 'crossword-pass', label: 'Crossword Pass' },
];

describe('summary', () => {
  it('is nothing for nobody', () => {
    expect(summary([], products)).toBeNull();
  });

  it('names what is active before what has expired, and counts the rest', () => {
    const grants = [
      grantOf('a', { endTime: '2030-01-01T00:00:00.000Z' }),
      grantOf('b', { expiry_state: 'active', product_id: 'crossword-pass' }),
      grantOf('c', { expiry_state: 'pending' }),
    ];
    expect(summary(grants, products)).toEqual({ product: 'Crossword Pass', state: 'active', more: 2 });
  });

  it('falls back to the id of a product that is not known, and to what it entitles to', () => {
    expect(summary([grantOf('a', { product_id: 'gone' })], products)?.product).toBe('gone');
    expect(summary([grantOf('a', { product_id: '' })], products)?.product).toBe('all-digital');
  });
});

describe('sorted', () => {
  it('puts what ends last first, and what has no end before it', () => {
    const grants = [
      grantOf('early', { endTime: '2024-01-01T00:00:00.000Z' }),
      grantOf('b-open', { endTime: null }),
      grantOf('late', { endTime: '2026-01-01T00:00:00.000Z' }),
      grantOf('a-open', { endTime: null }),
      grantOf('odd', { expiry_state: 'paused' }),
    ];
    expect(sorted(grants).map(({ grantId }) => grantId)).toEqual(['a-open', 'b-open', 'late', 'early', 'odd']);
  });
});

describe('periodOf', () => {
  const period = (startTime: string | null, endTime: string | null) => periodOf({ startTime, endTime }, 'UTC');

  it('says both ends, or the one that there is', () => {
    expect(period('2025-05-22T00:00:00.000Z', '2026-05-22T00:00:00.000Z')).toBe('22 May 2025 – 22 May 2026');
    expect(period('2025-05-22T00:00:00.000Z', null)).toBe('from 22 May 2025, no end');
    expect(period(null, '2026-05-22T00:00:00.000Z')).toBe('until 22 May 2026');
    expect(period(null, null)).toBe('no dates');
  });
});
