import { expect, it } from 'vitest';
import { watch } from './watched';

const none = () => false;

it('stays as it is while the tenant does', () => {
  const before = ['a', 'b'];
  expect(watch(before, 'a', none)).toBe(before);
});

it('lets go of a tenant that was left in peace', () => {
  expect(watch(['a'], 'b', none)).toEqual(['b']);
});

it('keeps a tenant that was left while a job lived there, also after it has ended', () => {
  const after = watch(['a'], 'b', (tenant) => tenant === 'a');
  expect(after).toEqual(['b', 'a']);
  expect(watch(after, 'c', none)).toEqual(['c', 'a']);
});

it('holds few sockets', () => {
  expect(watch(['a', 'b', 'c'], 'd', () => true)).toEqual(['d', 'a', 'b']);
});

it('has no tenant twice', () => {
  expect(watch(['b', 'a'], 'a', () => true)).toEqual(['a', 'b']);
});
