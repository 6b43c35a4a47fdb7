import { expect, it } from 'vitest';
import table from '../../../../internal/auth/strength/testdata/passwords.json';
import { check } from './strength';

const refused = Object.entries(table.refused).flatMap(([reason, all]) => all.map((password) => ({ reason, password })));

it.each(refused)('refuses $password as the server does: $reason', ({ reason, password }) => {
  expect(check(password, table.about).reason).toBe(reason);
});

it.each(table.accepted)('accepts %s as the server does', (password) => {
  expect(check(password, table.about)).toMatchObject({ reason: null });
});

it('counts characters as people do, and bytes as the server does', () => {
  expect(check('🏳️‍🌈e\u0301🇬🇧', []).characters).toBe(3);
  const long = 'correct horse battery staple '.repeat(36).slice(0, 1_023);
  expect(check(`${long}x`, []).reason).toBeNull();
  expect(check(`${long}é`, []).reason).toBe('long');
});

it('gives typing on any keyboard the same verdict', () => {
  const password = 'café hollyhock 47';
  expect(check(password.normalize('NFD'), [])).toEqual(check(password.normalize('NFC'), []));
});

it.each(Object.entries(table.estimates))(
  'needs as many guesses for %s as on the server: 10^%d',
  (password, guesses) => {
    expect(check(password, table.about).guesses).toBeCloseTo(guesses, 2);
  },
);
