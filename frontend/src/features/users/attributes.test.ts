import { describe, expect, it } from 'vitest';
import type { Field, UserSchema } from '@/shared/api/client';
import { attributesOf } from './attributes';
import { userOf } from './testing';

const none = new Map<string, string>();

function shown(type: Field['input-type'], value: unknown, exact?: string) {
  const field: Field = {
    slug: 'f',
    label: 'Field',
    'input-type': type,
    'select-options': [{ value: 'GB', label: 'United Kingdom' }],
  };
  const schema: UserSchema = { fields: [field], foreignSystems: [], appIds: [], products: [] };
  const user = userOf('u1', { attributes: value === undefined ? {} : { f: value } });
  const [attribute] = attributesOf(user, schema, exact === undefined ? none : new Map([['f', exact]]));
  return attribute;
}

describe('attributesOf', () => {
  it('says what is unknown: missing, null and empty', () => {
    for (const value of [undefined, null, '']) expect(shown('text', value)?.text).toBeNull();
  });

  it('writes each kind in its own way', () => {
    expect(shown('checkbox', true)?.text).toBe('Checked');
    expect(shown('checkbox', false)?.text).toBe('Unchecked');
    expect(shown('date', '1984-04-03T00:00:00.000Z')?.text).toBe('3 Apr 1984');
    expect(shown('month', '2026-01-01T00:00:00.000Z')?.text).toBe('2026-01');
    expect(shown('time', '1970-01-01T08:30:00.000Z')?.text).toBe('08:30');
    expect(shown('time', '1970-01-01T08:30:05.000Z')?.text).toBe('08:30:05');
    expect(shown('tel', '029 2018 0144')).toMatchObject({ text: '029 2018 0144', mono: true });
    expect(shown('number', 0)?.text).toBe('0');
  });

  it('counts weeks as ISO 8601 does, over the turn of a year too', () => {
    expect(shown('week', '2026-01-26T00:00:00.000Z')?.text).toBe('2026-W05');
    expect(shown('week', '2024-12-30T00:00:00.000Z')?.text).toBe('2025-W01');
    expect(shown('week', '2020-12-28T00:00:00.000Z')?.text).toBe('2020-W53');
  });

  it('keeps the digits of a number, and the text of what is no date', () => {
    expect(shown('number', 9007199254740992, '9007199254740993')?.text).toBe('9007199254740993');
    expect(shown('date', 'soon')?.text).toBe('soon');
  });

  it('shows a choice as it is kept, and says what it is called', () => {
    expect(shown('select', 'GB')).toMatchObject({ text: 'GB', title: 'United Kingdom' });
  });

  it('leaves out nothing that the schema does not know', () => {
    const schema: UserSchema = { fields: [], foreignSystems: [], appIds: [], products: [] };
    const list = attributesOf(userOf('u1', { attributes: { shoe: 42 } }), schema, none);
    expect(list).toEqual([{ slug: 'shoe', label: 'shoe', text: '42', mono: false }]);
  });
});
