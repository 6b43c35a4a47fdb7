import { expect, it } from 'vitest';
import type { Rule } from '@/api/client';
import { removableRules } from './removable-rules';

const country: Rule = { field: 'attributes.country', operator: 'is', value: 'GB' };
const login: Rule = { field: 'last_login', operator: 'is_unknown' };

it('removes each rule of an "and" in turn', () => {
  expect(removableRules({ combinator: 'and', rules: [country, login] })).toEqual([
    { rule: country, rest: { combinator: 'and', rules: [login] } },
    { rule: login, rest: { combinator: 'and', rules: [country] } },
  ]);
});

it('removes nothing if that would not match more users, or match everyone', () => {
  expect(removableRules(null)).toEqual([]);
  expect(removableRules({ combinator: 'or', rules: [country, login] })).toEqual([]);
  expect(removableRules({ combinator: 'and', rules: [country] })).toEqual([]);
});
