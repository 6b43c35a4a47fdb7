import { describe, expect, it } from 'vitest';
import { indented, members } from './exact-json';

describe('members', () => {
  it('leaves every value as it was written', () => {
    const text = '{"score": 33.10,"long":12345678901234567890,"a\\"b":{"x":[1,{"y":","}]}, "none":null}';
    expect([...members(text)]).toEqual([
      ['score', '33.10'],
      ['long', '12345678901234567890'],
      ['a"b', '{"x":[1,{"y":","}]}'],
      ['none', 'null'],
    ]);
  });

  it('is not misled by signs in strings', () => {
    expect([...members('{"a":"}\\\\","b":"{[,:"}')]).toEqual([
      ['a', '"}\\\\"'],
      ['b', '"{[,:"'],
    ]);
  });

  it('has none for what is no object', () => {
    expect(members('[{"a":1}]').size).toBe(0);
    expect(members('"a"').size).toBe(0);
    expect(members('{}').size).toBe(0);
  });
});

describe('indented', () => {
  it('gives every member a line and changes no value', () => {
    expect(indented('{"a":[1.50,{"b":"x: y, z"}],"c":{},"d":[]}')).toBe(
      [
        '{',
        '  "a": [',
        '    1.50,',
        '    {',
        '      "b": "x: y, z"',
        '    }',
        '  ],',
        '  "c": {},',
        '  "d": []',
        '}',
      ].join('\n'),
    );
  });

  it('takes plain values too', () => {
    expect(indented('12345678901234567890')).toBe('12345678901234567890');
    expect(indented('"food"')).toBe('"food"');
  });
});
