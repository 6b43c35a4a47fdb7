import { expect, it } from 'vitest';
import { watchTenants } from './watched-tenants';

const none = () => false;

it('stays as it is while the tenant does', () => {
  const before = ['a', 'b'];
  expect(watchTenants(before, 'a', none)).toBe(before);
});

it('lets go of a tenant that was left in peace', () => {
  expect(watchTenants(['a'], 'b', none)).toEqual(['b']);
});

it('keeps a tenant that was left while a job lived there, also after it has ended', () => {
  const after = watchTenants(['a'], 'b', (tenant) => tenant === 'a');
  expect(after).toEqual(['b', 'a']);
  expect(watchTenants(after, 'c', none)).toEqual(['c', 'a']);
});

it('holds few sockets', () => {
  expect(watchTenants(['a', 'b', 'c'], 'd', () => true)).toEqual(['d', 'a', 'b']);
});

it('has no tenant twice', () => {
  expect(watchTenants(['b', 'a'], 'a', () => true)).toEqual(['a', 'b']);
});
