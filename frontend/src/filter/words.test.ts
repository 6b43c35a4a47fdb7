import { describe, expect, it } from 'vitest';
import type { Rule } from '@/api/client';
import { counted } from '@/shared/ui/format';
import table from '../../../internal/filter/testdata/words.json';
import { fields } from './testing';
import { filterWords, sentence } from './words';

const gb: Rule = { field: 'attributes.country', operator: 'is', value: 'GB' };
const login: Rule = { field: 'last_login', operator: 'between', to: '2026-08-31' };

const { sentences, counts } = table as {
  sentences: readonly { rule: Rule | null; search: string; want: string }[];
  counts: readonly { n: number; want: string }[];
};

// The table is shared with the server's tests (internal/filter/description_test.go), so that both say the same.
describe('the shared table', () => {
  it.each(sentences)('a filter in words: $rule, search “$search”', ({ rule, search, want }) => {
    expect(sentence(filterWords(rule, fields, search))).toBe(want);
  });

  it.each(counts)('a count in words: $n', ({ n, want }) => {
    expect(counted(n, 'user')).toBe(want);
  });
});

describe('a filter in words', () => {
  it('writes a time with an hour of one digit, which the server leaves as typed', () => {
    const rule: Rule = { field: 'registered', operator: 'is', value: '2026-01-01 8:30' };
    expect(sentence(filterWords(rule, fields))).toBe('Registered is 1 Jan 2026 08:30 UTC');
  });

  it('marks values as strong', () => {
    expect(
      filterWords({ combinator: 'and', rules: [gb, login] }, fields).map(({ kind, text, strong }) => [
        kind,
        text,
        strong,
      ]),
    ).toEqual([
      ['field', 'Country', false],
      ['operator', 'is', false],
      ['value', 'GB', true],
      ['join', 'and', false],
      ['field', 'last login', false],
      ['operator', 'is up to', false],
      ['value', '31 Aug 2026', true],
    ]);
  });
});
