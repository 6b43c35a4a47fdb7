import { describe, expect, it } from 'vitest';
import { filteredFields, maxDepth, maxRules, parseFilter, ruleCount, serializeFilter, withoutRule } from './filter';

const gb = { field: 'attributes.country', operator: 'is', value: 'GB' } as const;
const login = { field: 'last_login', operator: 'between', to: '2026-08-31' } as const;
const filter = { combinator: 'and' as const, rules: [gb, { combinator: 'or' as const, rules: [login] }] };

describe('a filter in an address', () => {
  it('is parsed as it was written', () => {
    const text = serializeFilter(filter);
    expect(text).toBe(
      '{"combinator":"and","rules":[{"field":"attributes.country","operator":"is","value":"GB"},' +
        '{"combinator":"or","rules":[{"field":"last_login","operator":"between","to":"2026-08-31"}]}]}',
    );
    expect(parseFilter(text)).toEqual({ filter, error: null });
  });

  it('always becomes a group', () => {
    expect(parseFilter(JSON.stringify(gb)).filter).toEqual({ combinator: 'and', rules: [gb] });
  });

  it.each([
    undefined,
    '',
    'null',
    '{"combinator":"and","rules":[]}',
    '{"combinator":"or","rules":[{"combinator":"and","rules":[]}]}',
  ])('is no filter: %s', (text) => {
    expect(parseFilter(text)).toEqual({ filter: null, error: null });
    expect(serializeFilter(parseFilter(text).filter)).toBeUndefined();
  });

  it('omits null values', () => {
    expect(
      parseFilter('{"field":"last_login","operator":"between","from":null,"to":"2026-08-31"}').filter?.rules,
    ).toEqual([login]);
  });

  it.each([
    'x',
    '5',
    '[]',
    '{"combinator":"nor","rules":[]}',
    '{"combinator":"and"}',
    '{"field":"a"}',
    '{"field":"a","operator":"$where"}',
    '{"field":"a","operator":"toString"}',
    '{"field":5,"operator":"is"}',
    '{"field":"a","operator":"is","value":{"$gt":""}}',
    '{"field":"a","operator":"is","value":["x"]}',
  ])('is refused, not ignored: %s', (text) => {
    expect(parseFilter(text)).toEqual({ filter: null, error: 'The filter in this link is invalid.' });
  });

  it('has limits', () => {
    const many = { combinator: 'and', rules: Array.from({ length: maxRules + 1 }, () => gb) };
    expect(parseFilter(JSON.stringify(many)).error).toBe('The filter in this link has more than 100 rules.');
    let deep: object = gb;
    for (let i = 0; i < maxDepth; i++) deep = { combinator: 'and', rules: [deep] };
    expect(parseFilter(JSON.stringify(deep)).error).toBeNull();
    expect(parseFilter(JSON.stringify({ combinator: 'and', rules: [deep] })).error).toContain('more than 5 deep');
  });
});

describe('a filter', () => {
  it('names its fields and counts its rules', () => {
    expect(filteredFields(filter)).toEqual(new Set(['attributes.country', 'last_login']));
    expect(ruleCount(filter)).toBe(2);
    expect(ruleCount(null)).toBe(0);
  });

  it('loses one rule of its top group, and is null without rules', () => {
    expect(withoutRule(filter, 1)).toEqual({ combinator: 'and', rules: [gb] });
    expect(withoutRule({ combinator: 'and', rules: [gb] }, 0)).toBeNull();
  });
});
