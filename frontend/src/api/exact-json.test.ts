import { describe, expect, it } from 'vitest';
import { elements, indented, members } from './exact-json';

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

  it('is not misled by logs in strings', () => {
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

describe('hostile JSON', () => {
  it('reads strings of megabytes, with and without escapes', () => {
    for (const text of ['x'.repeat(16_000_000), '\\"'.repeat(4_000_000), '\\\\'.repeat(4_000_000)]) {
      expect(members(`{"a":"${text}","b":1}`).get('b')).toBe('1');
    }
  });

  it('writes what is nested thousands of times without a wall of blanks', () => {
    expect(indented('['.repeat(10_000) + ']'.repeat(10_000)).length).toBeLessThan(2_000_000);
  });

  it('keeps names that every object has', () => {
    expect(members('{"__proto__":{"a":1},"constructor":2}')).toEqual(
      new Map([
        ['__proto__', '{"a":1}'],
        ['constructor', '2'],
      ]),
    );
  });

  it('takes a list apart', () => {
    expect(elements('[1, "a,]", {"b": [2]}, []]')).toEqual(['1', '"a,]"', '{"b": [2]}', '[]']);
    expect(elements('{}')).toEqual([]);
    expect(elements('[]')).toEqual([]);
  });
});
