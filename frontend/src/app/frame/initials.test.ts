import { expect, it } from 'vitest';
import { initials } from './initials';

it.each([
  ['Meridian Press', 'MP'],
  ['Amelia van der Hart', 'AH'],
  ['admin', 'A'],
  ['siân.llewellyn@example.com', 'SC'],
  ['Đặng Thị', 'ĐT'],
  ['', ''],
])('of %j are %s', (name, letters) => {
  expect(initials(name)).toBe(letters);
});
