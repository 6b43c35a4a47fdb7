import type { Field, User, UserSchema } from '@/shared/api/client';

/** Which of a tenant's attributes the list shows. */
export interface Columns {
  /** The parts of a name in the order in which they are written; empty where the schema has none. */
  name: readonly Field[];
  /** The country, or else the first choice of the schema; null where it has neither. */
  choice: Field | null;
}

/** What to expect of a schema that is not there yet, so that the columns do not move when it comes. */
export const expected: Columns = {
  name: [{ slug: 'name', label: 'Name', 'input-type': 'text' }],
  choice: { slug: 'country', label: '', 'input-type': 'select' },
};

const given = /^(first|given|fore|christian)names?$/;
const middle = /^(middle|second)names?$/;
const family = /^(last|family|sur)names?$/;
const whole = /^(full|display)?name$/;
const country = /^(home|billing|residence)?country(code|name)?$/;

/** Chooses the columns by what the schema calls its fields. */
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

/** The user's name as it is written; "" where it is not known. */
export function nameOf(user: User, { name }: Pick<Columns, 'name'>): string {
  return name
    .map(({ slug }) => textOf(user.attributes[slug]))
    .filter((part) => part !== '')
    .join(' ');
}

/** What the user is called in one line: the e-mail address, or else the user name, or else the id. */
export function leadOf({ identifiers, user_id }: Pick<User, 'identifiers' | 'user_id'>): string {
  return identifiers.email_address || identifiers.username || user_id;
}

/** An attribute's value as text; "" where it is unknown. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
}
