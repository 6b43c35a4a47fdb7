import { describe, expect, it } from 'vitest';
import { readIds, withIds } from './dismissed';

describe('readIds', () => {
  it.each([
    [null, []],
    ['', []],
    ['{', []],
    ['{"a":1}', []],
    ['["01A",2,null,"01B"]', ['01A', '01B']],
  ])('reads %j', (text, ids) => {
    expect(readIds(text)).toEqual(ids);
  });
});

describe('withIds', () => {
  it('adds each id once', () => {
    expect(withIds('["01A","01B"]', ['01C', '01A'])).toBe('["01B","01C","01A"]');
  });

  it('forgets the oldest of too many', () => {
    const ids = Array.from({ length: 200 }, (_, i) => `${i}`);
    const after = readIds(withIds(JSON.stringify(ids), ['new']));
    expect([after.length, after[0], after.at(-1)]).toEqual([200, '1', 'new']);
  });
});
