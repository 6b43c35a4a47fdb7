import { describe, expect, it } from 'vitest';
import type { Rule } from '@/shared/api/client';
import { fields } from './testing';
import { filterWords, sentence } from './words';

const gb: Rule = { field: 'attributes.country', operator: 'is', value: 'GB' };
const se: Rule = { field: 'attributes.country', operator: 'is', value: 'SE' };
const no: Rule = { field: 'attributes.country', operator: 'is', value: 'NO' };
const login: Rule = { field: 'last_login', operator: 'between', to: '2026-08-31' };
const letter: Rule = { field: 'attributes.newsletter', operator: 'checked' };
const plan: Rule = { field: 'attributes.plan', operator: 'starts_with', value: 'Digital' };
const account: Rule = { field: 'account.name', operator: 'contains', value: 'Northgate' };
const and = (...rules: Rule[]): Rule => ({ combinator: 'and', rules });
const or = (...rules: Rule[]): Rule => ({ combinator: 'or', rules });
const ask = (field: string, operator: NonNullable<Rule['operator']>, over: Rule = {}): Rule => ({
  field,
  operator,
  ...over,
});

// The table of internal/filter/words_test.go: both sides say the same.
describe('a filter in words', () => {
  it.each<[Rule | null, string]>([
    [null, ''],
    [and(), ''],
    [gb, 'Country is GB'],
    [and(gb, login), 'Country is GB and last login is up to 31 Aug 2026'],
    [and(login, gb), 'Last login is up to 31 Aug 2026 and country is GB'],
    [and(gb, and(login, or())), 'Country is GB and last login is up to 31 Aug 2026'],
    [
      and(gb, login, or(plan, letter, account)),
      'Country is GB, and last login is up to 31 Aug 2026, and ' +
        '( plan starts with Digital, or newsletter is checked, or account name contains Northgate )',
    ],
    [and(letter, or(se, no)), 'Newsletter is checked, and country is SE or NO'],
    [or(gb, se, no), 'Country is GB, SE or NO'],
    [or(gb, letter), 'Country is GB or newsletter is checked'],
    [or(and(gb, letter), login), '( Country is GB and newsletter is checked ), or last login is up to 31 Aug 2026'],
    [ask('attributes.plan', 'is_not', { value: 'a\nb' }), 'Plan is not a b'],
    [ask('attributes.plan', 'does_not_contain', { value: 'x' }), 'Plan does not contain x'],
    [ask('identifiers.email_address', 'ends_with', { value: 'example.com' }), 'Email address ends with example.com'],
    [ask('attributes.plan', 'has_any_value'), 'Plan has any value'],
    [ask('attributes.plan', 'is_unknown'), 'Plan is unknown'],
    [ask('email_verified', 'unchecked'), 'Email verified is unchecked'],
    [ask('attributes.age', 'between', { from: 18, to: 65 }), 'Age is between 18 and 65'],
    [ask('attributes.age', 'between', { from: 18 }), 'Age is at least 18'],
    [ask('registered', 'between', { from: '2026-01-01T08:30:00+01:00' }), 'Registered is from 1 Jan 2026 07:30 UTC'],
    [ask('registered', 'is', { value: '2026-01-01T08:30:05.5Z' }), 'Registered is 1 Jan 2026 08:30:05.5 UTC'],
    [ask('attributes.term', 'is', { value: '2026-05' }), 'Term is May 2026'],
    [
      and(letter, ask('attributes.week', 'is', { value: '2026-W05' })),
      'Newsletter is checked and VAT week is 2026-W05',
    ],
    [ask('attributes.gone', 'is', { value: 'x' }), 'Gone is x'],
    // What the server's table leaves to others.
    [ask('registered', 'is', { value: '2026-01-01 8:30' }), 'Registered is 1 Jan 2026 08:30 UTC'],
    [ask('registered', 'is', { value: '2026-09-30' }), 'Registered is 30 Sep 2026'],
    [ask('registered', 'is', { value: 'soon' }), 'Registered is soon'],
    [ask('attributes.wake', 'is', { value: '08:30' }), 'Wake-up is 08:30'],
    [ask('attributes.wake', 'is', { value: '1970-01-01T08:30:00Z' }), 'Wake-up is 1 Jan 1970 08:30 UTC'],
    [ask('attributes.plan', 'is', { value: 'é'.repeat(61) }), `Plan is ${'é'.repeat(60)}…`],
  ])('%j', (rule, want) => {
    expect(sentence(filterWords(rule, fields))).toBe(want);
  });

  it.each<[string, Rule | null, string]>([
    ['hart', null, 'Search “hart”'],
    ['amara  okafor', gb, 'Search “amara  okafor” and country is GB'],
    ['hart', and(gb, login), 'Search “hart”, and country is GB, and last login is up to 31 Aug 2026'],
    ['hart', or(gb, letter), 'Search “hart”, and ( country is GB or newsletter is checked )'],
  ])('begins with the search: %s, %j', (search, rule, want) => {
    expect(sentence(filterWords(rule, fields, search))).toBe(want);
  });

  it('marks what is strong', () => {
    expect(filterWords(and(gb, login), fields).map(({ kind, text, strong }) => [kind, text, strong])).toEqual([
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
