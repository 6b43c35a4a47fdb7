import type { Field, User, UserSchema } from '@/api/client';
import { own } from '@/shared/own';
import { day, moment } from '@/shared/ui/format';
import { rawText } from '@/shared/ui/value';

/** One attribute of a user, ready to show. */
export interface Attribute {
  slug: string;
  label: string;
  /** Null if it is unknown. */
  text: string | null;
  /** The label of the value or the exact time, if that adds something. */
  title?: string | undefined;
  /** Shown in a monospaced font: telephone numbers, colors, times of day. */
  mono: boolean;
}

const monos: readonly Field['input-type'][] = ['tel', 'color'];

/**
 * Returns a user's attributes in the order of the schema, unknown ones included, then the
 * attributes that are not in the schema. `exact` has the numbers with their original digits.
 */
export function attributesOf(user: User, schema: UserSchema, exact: ReadonlyMap<string, string>): Attribute[] {
  const known = schema.fields.map((field) =>
    attributeOf(field, own(user.attributes, field.slug), exact.get(field.slug)),
  );
  const slugs = new Set(schema.fields.map(({ slug }) => slug));
  const others = Object.entries(user.attributes)
    .filter(([slug]) => !slugs.has(slug))
    .map(([slug, value]) => attributeOf({ slug, label: slug, 'input-type': 'text' }, value, exact.get(slug)));
  return [...known, ...others];
}

/** Returns one attribute. `exact` is a number with its original digits. */
export function attributeOf(field: Field, value: unknown, exact?: string): Attribute {
  const { slug, label, 'input-type': type } = field;
  const shown = { slug, label: label || slug, mono: monos.includes(type) };
  if (value === undefined || value === null || value === '') return { ...shown, text: null };
  if (typeof value === 'boolean') return { ...shown, text: value ? 'Checked' : 'Unchecked' };
  if (typeof value === 'number') return { ...shown, text: exact ?? String(value) };
  if (typeof value !== 'string') return { ...shown, text: exact ?? rawText(value), mono: true };
  const time = timeOf(type, value);
  if (time !== null) return { ...shown, text: time, title: value };
  const option = field['select-options']?.find((one) => one.value === value)?.label;
  return { ...shown, text: value, title: option === value ? undefined : option };
}

const fullYear = /^\d{4}-\d\d-\d\dT/; // with a year of four digits, as in every format of these types

// Dates, times of day, weeks and months are stored in UTC and have no zone; only a datetime is an
// instant. Returns null for a value that does not fit its type exactly: it is shown unchanged, as in
// files.
function timeOf(type: Field['input-type'], value: string): string | null {
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) return null;
  if (type === 'datetime') return moment(at);
  const text = at.toISOString();
  const midnight = text.endsWith('T00:00:00.000Z');
  if (type === 'date') return midnight ? day(at, 'UTC') : null;
  if (!fullYear.test(text)) return null;
  switch (type) {
    case 'time':
      return /^1970-01-01T.*\.000Z$/.test(text) ? text.slice(11, 19).replace(/:00$/, '') : null;
    case 'month':
      return midnight && text.slice(8, 10) === '01' ? text.slice(0, 7) : null;
    case 'week':
      return midnight && at.getUTCDay() === 1 ? week(at) : null;
    default:
      return null;
  }
}

const dayLength = 86_400_000; // ms

// Returns the ISO 8601 week: its year is that of its Thursday.
function week(at: Date): string {
  const thursday = new Date(at.getTime() + (4 - (at.getUTCDay() || 7)) * dayLength);
  const year = thursday.getUTCFullYear();
  const number = Math.ceil(((thursday.getTime() - Date.UTC(year, 0, 1)) / dayLength + 1) / 7);
  return `${year}-W${String(number).padStart(2, '0')}`;
}
