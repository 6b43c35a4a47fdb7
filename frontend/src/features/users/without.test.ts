import { expect, it } from 'vitest';
import type { Rule } from '@/shared/api/client';
import { leftOut } from './without';

const country: Rule = { field: 'attributes.country', operator: 'is', value: 'GB' };
const login: Rule = { field: 'last_login', operator: 'is_unknown' };

it('leaves out each rule of an "and" in turn', () => {
  expect(leftOut({ combinator: 'and', rules: [country, login] })).toEqual([
    { rule: country, rest: { combinator: 'and', rules: [login] } },
    { rule: login, rest: { combinator: 'and', rules: [country] } },
  ]);
});

it('leaves out nothing where that would not let more match, or let everyone match', () => {
  expect(leftOut(null)).toEqual([]);
  expect(leftOut({ combinator: 'or', rules: [country, login] })).toEqual([]);
  expect(leftOut({ combinator: 'and', rules: [country] })).toEqual([]);
});
