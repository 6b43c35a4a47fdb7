import type { Field, User, UserSchema } from '@/api/client';
import { own } from '@/shared/own';
import { rawText } from '@/shared/ui/value';

/** The attributes of a tenant that the list shows. */
export interface Columns {
  /** The fields that form the name, in order; empty if the schema has none. */
  name: readonly Field[];
  /** The country, or else the first choice field of the schema; null without either. */
  choice: Field | null;
}

const given = /^(first|given|fore|christian)names?$/;
const middle = /^(middle|second)names?$/;
const family = /^(last|family|sur)names?$/;
const whole = /^(full|display)?name$/;
const country = /^(home|billing|residence)?country(code|name)?$/;

/** Chooses the columns by the slugs of the schema's fields. */
export function chooseColumns(schema: UserSchema | undefined): Columns {
  const fields = schema?.fields ?? [];
  const called = (pattern: RegExp) => fields.filter((field) => isText(field) && pattern.test(plain(field.slug)));
  const parts = [given, middle, family].flatMap((pattern) => called(pattern).slice(0, 1));
  const choices = fields.filter((field) => field['input-type'] === 'select' || field['input-type'] === 'radio');
  return {
    name: parts.length > 0 ? parts : called(whole).slice(0, 1),
    choice: fields.find((field) => isWord(field) && country.test(plain(field.slug))) ?? choices[0] ?? null,
  };
}

// "First-Name" and "first_name" are both "firstname".
function plain(slug: string): string {
  return slug.toLowerCase().replace(/[-_]/g, '');
}

function isText({ 'input-type': type }: Field): boolean {
  return type === 'text';
}

function isWord(field: Field): boolean {
  return isText(field) || field['input-type'] === 'select' || field['input-type'] === 'radio';
}

/** Returns the user's name; "" if it is unknown. */
export function nameOf(user: User, { name }: Pick<Columns, 'name'>): string {
  return name
    .map(({ slug }) => textOf(own(user.attributes, slug)))
    .filter((part) => part !== '')
    .join(' ');
}

/** Returns the user's title: the email address, or else the username, or else the ID. */
export function leadOf({ identifiers, user_id }: Pick<User, 'identifiers' | 'user_id'>): string {
  return identifiers.email_address || identifiers.username || user_id || 'No ID';
}

/** Returns an attribute's value as text; "" if it is unknown. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value.trim() : rawText(value);
}
