import { describe, expect, it } from 'vitest';
import type { UserSchema } from '@/api/client';
import { schemaOf, userOf } from '../testing';
import { chooseColumns, leadOf, nameOf } from './columns';

const slugs = (schema: UserSchema) => {
  const { name, choice } = chooseColumns(schema);
  return { name: name.map(({ slug }) => slug), choice: choice?.slug ?? null };
};

describe('chooseColumns', () => {
  it('joins the parts of a name in order', () => {
    expect(slugs(schemaOf(['surname'], ['Given-Name'], ['middle_name'])).name).toEqual([
      'Given-Name',
      'middle_name',
      'surname',
    ]);
  });

  it('uses a full name without parts, and never the name of something else', () => {
    expect(slugs(schemaOf(['company_name'], ['full_name'])).name).toEqual(['full_name']);
    expect(slugs(schemaOf(['company_name'], ['username'])).name).toEqual([]);
  });

  it('prefers the country, else the first choice', () => {
    expect(slugs(schemaOf(['plan', 'select'], ['country', 'select'])).choice).toBe('country');
    expect(slugs(schemaOf(['country_code'], ['plan', 'select'])).choice).toBe('country_code');
    expect(slugs(schemaOf(['age', 'number'], ['plan', 'radio'], ['day', 'select'])).choice).toBe('plan');
    expect(slugs(schemaOf(['age', 'number'])).choice).toBeNull();
  });

  it('chooses no columns before the schema is loaded', () => {
    expect(chooseColumns(undefined)).toEqual({ name: [], choice: null });
  });
});

describe('nameOf', () => {
  const columns = chooseColumns(schemaOf(['first_name'], ['last_name']));

  it('leaves no gap for an unknown part', () => {
    expect(nameOf(userOf('u1', { attributes: { first_name: 'Siân', last_name: 'Llewellyn' } }), columns)).toBe(
      'Siân Llewellyn',
    );
    expect(nameOf(userOf('u1', { attributes: { first_name: '  ', last_name: 'Llewellyn' } }), columns)).toBe(
      'Llewellyn',
    );
    expect(nameOf(userOf('u1'), columns)).toBe('');
  });
});

it('titles a user by the first known identifier', () => {
  expect(leadOf(userOf('u1'))).toBe('u1@example.com');
  expect(leadOf(userOf('u1', { identifiers: { username: 'sian' } }))).toBe('sian');
  expect(leadOf(userOf('u1', { identifiers: {} }))).toBe('u1');
});
