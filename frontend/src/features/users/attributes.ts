import type { Field, User, UserSchema } from '@/shared/api/client';
import { day, moment } from '@/shared/ui/format';

/** One attribute of a user as it is shown. */
export interface Attribute {
  slug: string;
  label: string;
  /** Null where it is unknown. */
  text: string | null;
  /** What the value is called, or the exact time, where that says more. */
  title?: string | undefined;
  /** Set in figures of one width: telephone numbers, colours, times of day. */
  mono: boolean;
}

const monos: readonly Field['input-type'][] = ['tel', 'color'];

/**
 * A user's attributes in the order of the schema, those that are unknown too; then what the user has and the schema
 * does not. `exact` holds the numbers in the digits that they were written in.
 */
export function attributesOf(user: User, schema: UserSchema, exact: ReadonlyMap<string, string>): Attribute[] {
  const known = schema.fields.map((field) => attributeOf(field, user.attributes[field.slug], exact.get(field.slug)));
  const slugs = new Set(schema.fields.map(({ slug }) => slug));
  const others = Object.entries(user.attributes)
    .filter(([slug]) => !slugs.has(slug))
    .map(([slug, value]) => attributeOf({ slug, label: slug, 'input-type': 'text' }, value, exact.get(slug)));
  return [...known, ...others];
}

function attributeOf(field: Field, value: unknown, exact: string | undefined): Attribute {
  const { slug, label, 'input-type': type } = field;
  const shown = { slug, label: label || slug, mono: monos.includes(type) };
  if (value === undefined || value === null || value === '') return { ...shown, text: null };
  if (typeof value === 'boolean') return { ...shown, text: value ? 'Checked' : 'Unchecked' };
  if (typeof value === 'number') return { ...shown, text: exact ?? String(value) };
  if (typeof value !== 'string') return { ...shown, text: exact ?? JSON.stringify(value), mono: true };
  const time = timeOf(type, value);
  if (time !== null) return { ...shown, text: time, title: value };
  const option = field['select-options']?.find((one) => one.value === value)?.label;
  return { ...shown, text: value, title: option === value ? undefined : option };
}

// Dates, times of day, weeks and months are kept in UTC and belong to no zone; only a datetime is an instant.
function timeOf(type: Field['input-type'], value: string): string | null {
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) return null;
  switch (type) {
    case 'date':
      return day(at, 'UTC');
    case 'datetime':
      return moment(at);
    case 'time':
      return at.toISOString().slice(11, 19).replace(/:00$/, '');
    case 'month':
      return at.toISOString().slice(0, 7);
    case 'week':
      return week(at);
    default:
      return null;
  }
}

const dayLength = 86_400_000; // ms

// The week of ISO 8601: its year is that of its Thursday.
function week(at: Date): string {
  const thursday = new Date(at.getTime() + (4 - (at.getUTCDay() || 7)) * dayLength);
  const year = thursday.getUTCFullYear();
  const number = Math.ceil(((thursday.getTime() - Date.UTC(year, 0, 1)) / dayLength + 1) / 7);
  return `${year}-W${String(number).padStart(2, '0')}`;
}
