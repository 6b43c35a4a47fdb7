import { describe, expect, it } from 'vitest';
import { grantOf } from '../testing';
import { periodOf, sorted, summary } from './subscriptions';

const products = [
  { id: 'digital-annual', label: 'Digital Annual' },
  { id: 'crossword-pass', label: 'Crossword Pass' },
];

describe('summary', () => {
  it('is null without subscriptions', () => {
    expect(summary([], products)).toBeNull();
  });

  it('names active subscriptions before expired ones, and counts the others', () => {
    const grants = [
      grantOf('a', { endTime: '2030-01-01T00:00:00.000Z' }),
      grantOf('b', { expiry_state: 'active', product_id: 'crossword-pass' }),
      grantOf('c', { expiry_state: 'pending' }),
    ];
    expect(summary(grants, products)).toEqual({ product: 'Crossword Pass', state: 'active', more: 2 });
  });

  it('falls back to the product id, then to the entitlement', () => {
    expect(summary([grantOf('a', { product_id: 'gone' })], products)?.product).toBe('gone');
    expect(summary([grantOf('a', { product_id: '' })], products)?.product).toBe('all-digital');
  });
});

describe('sorted', () => {
  it('sorts by end, the latest first, those without an end before it', () => {
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

  it('shows both ends, or the known one', () => {
    expect(period('2025-05-22T00:00:00.000Z', '2026-05-22T00:00:00.000Z')).toBe('22 May 2025 – 22 May 2026');
    expect(period('2025-05-22T00:00:00.000Z', null)).toBe('from 22 May 2025, no end');
    expect(period(null, '2026-05-22T00:00:00.000Z')).toBe('until 22 May 2026');
    expect(period(null, null)).toBe('no dates');
  });
});
