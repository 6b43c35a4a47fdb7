import { describe, expect, it } from 'vitest';
import type { Field, UserSchema } from '@/api/client';
import { userOf } from '../testing';
import { attributesOf } from './attributes';

const none = new Map<string, string>();

function shown(type: Field['input-type'], value: unknown, exact?: string) {
  const field: Field = {
    slug: 'f',
    label: 'Field',
    'input-type': type,
    'select-options': [{ value: 'GB', label: 'United Kingdom' }],
  };
  const schema: UserSchema = { fields: [field], foreignSystems: [], appIds: [], products: [], userColumns: null };
  const user = userOf('u1', { attributes: value === undefined ? {} : { f: value } });
  const [attribute] = attributesOf(user, schema, exact === undefined ? none : new Map([['f', exact]]));
  return attribute;
}

describe('attributesOf', () => {
  it('reports missing, null and empty values as unknown', () => {
    for (const value of [undefined, null, '']) expect(shown('text', value)?.text).toBeNull();
  });

  it('formats each type', () => {
    expect(shown('checkbox', true)?.text).toBe('Checked');
    expect(shown('checkbox', false)?.text).toBe('Unchecked');
    expect(shown('date', '1984-04-03T00:00:00.000Z')?.text).toBe('3 Apr 1984');
    expect(shown('month', '2026-01-01T00:00:00.000Z')?.text).toBe('2026-01');
    expect(shown('time', '1970-01-01T08:30:00.000Z')?.text).toBe('08:30');
    expect(shown('time', '1970-01-01T08:30:05.000Z')?.text).toBe('08:30:05');
    expect(shown('tel', '029 2018 0144')).toMatchObject({ text: '029 2018 0144', mono: true });
    expect(shown('number', 0)?.text).toBe('0');
  });

  it('counts weeks by ISO 8601, also around a new year', () => {
    expect(shown('week', '2026-01-26T00:00:00.000Z')?.text).toBe('2026-W05');
    expect(shown('week', '2024-12-30T00:00:00.000Z')?.text).toBe('2025-W01');
    expect(shown('week', '2020-12-28T00:00:00.000Z')?.text).toBe('2020-W53');
  });

  it('keeps the digits of a number, and text that is no date', () => {
    expect(shown('number', 9007199254740992, '9007199254740993')?.text).toBe('9007199254740993');
    expect(shown('date', 'soon')?.text).toBe('soon');
  });

  it('shows the stored value of a choice, with its label as title', () => {
    expect(shown('select', 'GB')).toMatchObject({ text: 'GB', title: 'United Kingdom' });
  });

  it('includes attributes that are not in the schema', () => {
    const schema: UserSchema = { fields: [], foreignSystems: [], appIds: [], products: [], userColumns: null };
    const list = attributesOf(userOf('u1', { attributes: { shoe: 42 } }), schema, none);
    expect(list).toEqual([{ slug: 'shoe', label: 'shoe', text: '42', mono: false }]);
  });
});
