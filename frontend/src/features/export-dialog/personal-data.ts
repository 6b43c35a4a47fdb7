import type { Preview } from '@/api/client';

type Column = Preview['columns'][number];

interface Kind {
  words: string;
  holds: (column: Column) => boolean;
}

const attribute = (slug: RegExp, type?: string) => (column: Column) =>
  column.source === 'attributes' && (slug.test(slugOf(column)) || (type !== undefined && column.type === type));

// In the order of the sentence. Patterns match whole words of a slug, so "age" does not match
// "language".
const kinds: readonly Kind[] = [
  { words: 'email addresses', holds: ({ name }) => name === 'identifiers.email_address' },
  { words: 'usernames', holds: ({ name }) => name === 'identifiers.username' },
  { words: 'further email addresses', holds: attribute(/\be ?mail\b/, 'email') },
  { words: 'first names', holds: attribute(/\b(first|given|fore) ?name\b/) },
  { words: 'last names', holds: attribute(/\b(last|family|sur) ?name\b/) },
  { words: 'names', holds: attribute(/^((full|middle|display|maiden) ?)?name\b/) },
  { words: 'birth dates', holds: attribute(/\b(birth( ?(date|day))?|dob)\b/) },
  { words: 'ages', holds: attribute(/\bage\b/) },
  { words: 'genders', holds: attribute(/\b(gender|sex)\b/) },
  { words: 'phone numbers', holds: attribute(/\b(phone|mobile|tel|telephone)\b/, 'tel') },
  { words: 'addresses', holds: attribute(/^((home|postal|street|billing|delivery) ?)?(address|street)\b/) },
  { words: 'towns', holds: attribute(/\b(city|town)\b/) },
  { words: 'postcodes', holds: attribute(/\b(post ?code|post ?al ?code|zip( ?code)?)\b/) },
  { words: 'countries', holds: attribute(/\bcountry\b/) },
  { words: 'employers', holds: attribute(/\b(company|employer)\b/) },
  { words: 'notes', holds: attribute(/\b(notes?|comments?|remarks?)\b/, 'textarea') },
  { words: 'IDs in connected systems', holds: ({ source }) => source === 'foreign_keys' },
  { words: 'subscriptions', holds: ({ source }) => source === 'grant' },
  { words: 'the data of apps in profiles', holds: ({ source }) => source === 'extended_profiles' },
];

function slugOf({ name }: Column): string {
  return name
    .slice(name.indexOf('.') + 1)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[^A-Za-z]+/g, ' ')
    .trim()
    .toLowerCase();
}

/**
 * Returns a sentence about the personal data in these columns: "Email addresses, usernames and
 * ages."
 */
export function personalData(columns: readonly Column[]): string {
  const held = kinds.filter(({ holds }) => columns.some(holds)).map(({ words }) => words);
  const names = held.indexOf('first names');
  if (names >= 0 && held[names + 1] === 'last names') held.splice(names, 2, 'first and last names');
  const [first, ...rest] = held;
  if (first === undefined) return 'The IDs of users.';
  // A part may contain "and", so a comma precedes the last "and".
  const joint = held.length > 2 ? ', and ' : ' and ';
  const last = rest.at(-1);
  const sentence = last === undefined ? first : `${[first, ...rest.slice(0, -1)].join(', ')}${joint}${last}`;
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}
