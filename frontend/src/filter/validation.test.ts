import { describe, expect, it } from 'vitest';
import type { Condition, Operator } from './filter';
import { fields } from './testing';
import { checkCondition, checkFilter } from './validation';

type Bounds = Pick<Condition, 'value' | 'from' | 'to'>;
const rule = (field: string, operator: Operator, over: Bounds = {}): Condition => ({ field, operator, ...over });
const fault = (...of: Parameters<typeof rule>) => checkCondition(rule(...of), fields);

describe('a rule that the server accepts', () => {
  it.each([
    rule('attributes.plan', 'is', { value: ' ' }),
    rule('attributes.plan', 'is', { value: 'e\u0301'.repeat(1000) }), // 1000 characters in composed form
    rule('attributes.plan', 'has_any_value'),
    rule('attributes.newsletter', 'checked'),
    rule('email_verified', 'unchecked'),
    rule('attributes.age', 'is', { value: 18 }),
    rule('attributes.age', 'is', { value: '-1.5e3' }),
    rule('attributes.age', 'is', { value: '9223372036854775807' }),
    rule('attributes.age', 'between', { from: '9007199254740993', to: '9007199254740994' }),
    rule('attributes.age', 'between', { from: 18 }),
    rule('attributes.born', 'is', { value: '2024-02-29' }),
    rule('attributes.born', 'is', { value: '2026-01-31T08:30:00.5+01:00' }),
    rule('last_login', 'between', { to: '2026-01-31 08:30' }),
    rule('last_login', 'between', { from: '2026-01-01T10:00', to: '2026-01-01' }), // the day contains the minute
    rule('attributes.wake', 'is', { value: '08:30:05' }),
    rule('attributes.term', 'is', { value: '2026-05' }),
    rule('attributes.week', 'is', { value: '2026-W53' }),
    rule('user_id', 'is_not', { value: 'u-1' }),
    rule('attributes.week', 'is', { value: '2026-W01' }),
  ])('$field $operator $value $from $to', (condition) => {
    expect(checkCondition(condition, fields)).toBeNull();
  });
});

describe('a wrong rule is reported', () => {
  it.each([
    [rule('attributes.nope', 'is', { value: 'x' }), 'field', 'Unknown field “nope”. Choose another field.'],
    [
      rule('attributes.country', 'between', { from: 'a' }),
      'operator',
      '“between” does not apply to Country. Choose another operator.',
    ],
    [
      rule('attributes.newsletter', 'is', { value: true }),
      'operator',
      '“is” does not apply to Newsletter. Choose another operator.',
    ],
    [
      rule('user_id', 'contains', { value: 'u' }),
      'operator',
      '“contains” does not apply to User ID. Choose another operator.',
    ],
    [rule('attributes.country', 'is', { value: 5 }), 'value', 'Country is text. 5 is not.'],
    [rule('attributes.plan', 'contains', { value: 'x'.repeat(1001) }), 'value', 'Too long: at most 1,000 characters.'],
    [rule('attributes.plan', 'is', { value: 'x'.repeat(1001) }), 'value', 'Too long: at most 1,000 characters.'],
    [
      rule('attributes.plan', 'is', { value: '\u1100\u1161\u11a8'.repeat(1000) }),
      'value',
      'Too long: at most 4,096 bytes.',
    ],
    [rule('attributes.age', 'is', { value: 'twelve' }), 'value', 'Age is a number. “twelve” is not.'],
    [rule('attributes.age', 'is', { value: '08' }), 'value', 'Age is a number. “08” is not.'],
    [rule('attributes.age', 'is', { value: '1,5' }), 'value', 'Age is a number. “1,5” is not.'],
    [rule('attributes.age', 'is', { value: true }), 'value', 'Age is a number. “true” is not.'],
    [rule('attributes.age', 'is', { value: '1e999' }), 'value', '“1e999” is outside the range of numbers.'],
    [
      rule('attributes.age', 'is', { value: '0.12345678901234567890' }),
      'value',
      '“0.12345678901234567890” has too many digits to be stored exactly.',
    ],
    [rule('attributes.age', 'between', { from: 18, to: 'twelve' }), 'to', 'Age is a number. “twelve” is not.'],
    [rule('attributes.age', 'between', { from: 18, to: '12.5' }), 'to', 'The second number is less than the first.'],
    [
      rule('attributes.born', 'is', { value: '2026-02-30' }),
      'value',
      'Born is a date like 31 Jan 2026. “2026-02-30” is not.',
    ],
    [
      rule('attributes.born', 'is', { value: '2026-01-31T08:30' }),
      'value',
      'Born is a date like 31 Jan 2026. “2026-01-31T08:30” is not.',
    ],
    [
      rule('attributes.wake', 'is', { value: '2026-02-01' }),
      'value',
      'Wake-up is a time of day like 08:30. “2026-02-01” is not.',
    ],
    [
      rule('attributes.wake', 'is', { value: '24:00' }),
      'value',
      'Wake-up is a time of day like 08:30. “24:00” is not.',
    ],
    [rule('attributes.term', 'is', { value: '2026-13' }), 'value', 'Term is a month like 2026-01. “2026-13” is not.'],
    [
      rule('attributes.week', 'is', { value: '2026-W54' }),
      'value',
      'VAT week is a week like 2026-W05. “2026-W54” is not.',
    ],
    [
      rule('attributes.week', 'is', { value: '2025-W53' }),
      'value',
      'VAT week is a week like 2026-W05. “2025-W53” is not.',
    ],
    [
      rule('last_login', 'between', { from: '2026-01-02', to: '2026-01-01' }),
      'to',
      'The second date is earlier than the first.',
    ],
    [
      rule('last_login', 'between', { from: 'soon' }),
      'from',
      'Last login is a date like 31 Jan 2026, or a time like 31 Jan 2026 08:30. “soon” is not.',
    ],
  ])('%j', (condition, at, message) => {
    expect(checkCondition(condition, fields)).toEqual({ at, message, incomplete: false });
  });

  it('a rule without a value is incomplete', () => {
    expect(fault('', 'is')).toMatchObject({ at: 'field', incomplete: true });
    expect(fault('attributes.plan', 'is', { value: '' })).toMatchObject({ at: 'value', incomplete: true });
    expect(fault('attributes.age', 'between')).toMatchObject({ at: 'from', incomplete: true });
  });
});

it('omits wrong rules, and groups without valid rules', () => {
  const gb = rule('attributes.country', 'is', { value: 'GB' });
  const old = rule('attributes.age', 'is', { value: 'old' });
  const { sound, problems } = checkFilter(
    { combinator: 'and', rules: [gb, { combinator: 'or', rules: [old] }, { combinator: 'or', rules: [old, gb] }] },
    fields,
  );
  expect(sound).toEqual({ combinator: 'and', rules: [gb, { combinator: 'or', rules: [gb] }] });
  expect(problems.map(({ path }) => path)).toEqual(['rules[1].rules[0]', 'rules[2].rules[0]']);
});
