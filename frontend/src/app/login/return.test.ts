import { describe, expect, it } from 'vitest';
import { loginAddress, placeOf, safeReturn } from './return';

describe('safeReturn', () => {
  it('keeps an address of the console, filter included', () => {
    const address = '/t/meridian/users?filter=%7B%22a%22%3A1%7D';
    expect(safeReturn(address)).toBe(address);
  });

  it.each([
    null,
    '',
    'https://example.com/',
    '//example.com/t/meridian/users',
    '/\\example.com',
    '/\t/example.com',
    '/..//example.com',
    'javascript:alert(1)',
    '/login?return=/login',
    '/invitation#a-token',
    '/forgot-password',
    '/reset#a-token',
  ])('does not follow %j', (address) => {
    expect(safeReturn(address)).toBe('/');
  });
});

describe('loginAddress', () => {
  it.each(['/t/meridian/users?filter=%7B%22a%22%3A1%7D&search=a+b', '/account'])('returns to %s', (address) => {
    const { pathname, searchParams } = new URL(loginAddress(address), 'http://console.invalid');
    expect(pathname).toBe('/login');
    expect(safeReturn(searchParams.get('return'))).toBe(address);
  });

  it('does not name the start page', () => {
    expect(loginAddress('/')).toBe('/login');
  });
});

describe('placeOf', () => {
  it.each([
    ['/t/meridian/users?filter=x', { name: 'Users', filtered: true }],
    ['/t/meridian/users', { name: 'Users', filtered: false }],
    ['/t/meridian/exports', { name: 'Exports', filtered: false }],
    ['/t/meridian/exports/01A', { name: 'this export', filtered: false }],
    ['/', undefined],
    ['/t/meridian/constructor', undefined],
  ])('of %s is %j', (address, place) => {
    expect(placeOf(address)).toEqual(place);
  });
});
