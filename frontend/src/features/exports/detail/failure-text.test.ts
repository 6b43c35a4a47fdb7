import { describe, expect, it } from 'vitest';
import { failureText } from './failure-text';

describe('failureOf', () => {
  it.each([
    ['storage_unavailable', /^Run it again in a few minutes/],
    ['file_too_large', /^Narrow the filter/],
    ['internal', /^Run it again\./],
  ] as const)('says what to do about %s', (code, next) => {
    const words = failureText({ error: { code, message: 'It broke.' } });
    expect(words.reason).toBe('It broke.');
    expect(words.next).toMatch(next);
  });
});
