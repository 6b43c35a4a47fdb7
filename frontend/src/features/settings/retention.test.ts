import { describe, expect, it } from 'vitest';
import { choicesOf, readDays } from './retention';

const day = 86_400;
const labels = (set: number, standard: number) => choicesOf(set, standard).map(({ label }) => label);

describe('the times to choose from', () => {
  it('are the presets, with the default marked', () => {
    const usual = ['1 day', '3 days', '7 days (default)', '14 days', '30 days', '90 days', 'Another number of days…'];
    expect(labels(7 * day, 7 * day)).toEqual(usual);
  });

  it('include the current time and the default, in order', () => {
    expect(labels(36 * 3_600, 20 * day)).toEqual([
      '1 day',
      '36 h',
      '3 days',
      '7 days',
      '14 days',
      '20 days (default)',
      '30 days',
      '90 days',
      'Another number of days…',
    ]);
  });
});

describe('a number of days', () => {
  it.each([
    ['1', 1],
    ['90', 90],
    [' 45 ', 45],
  ])('%j is read', (text, days) => {
    expect(readDays(text)).toEqual({ seconds: days * day });
  });

  it.each(['', '0', '91', '-1', '1.5', '7 days', '1e1', '99999999999999999999'])('%j is refused', (text) => {
    expect(readDays(text)).toEqual({ problem: 'Enter a whole number of days from 1 to 90.' });
  });
});
