import { describe, expect, it } from 'vitest';
import { consequences } from './consequences';
import type { Compression, Dialect } from './form';
import { personalData } from './personal-data';
import { columnsOf } from './testing';

describe('personalData', () => {
  const ids = ['user_id', 'user_store', 'identifiers.email_address', 'identifiers.username'];
  it.each<[string[], string]>([
    [['user_id'], 'The ids of users.'],
    [['identifiers.username'], 'Usernames.'],
    [ids, 'E-mail addresses and usernames.'],
    [['attributes.first_name', 'attributes.last_name'], 'First and last names.'],
    [['attributes.lastName', 'attributes.dateOfBirth'], 'Last names and birth dates.'],
    [['attributes.language', 'attributes.plan', 'attributes.webpage'], 'The ids of users.'],
    [
      [...ids, 'attributes.phone', 'attributes.postcode', 'extended_profiles.quiz1'],
      'E-mail addresses, usernames, phone numbers, postcodes, and whatever apps wrote into profiles.',
    ],
    [['foreign_keys.crm', 'grant.id', 'attributes.age'], 'Ages, ids in connected systems, and subscriptions.'],
  ])('says what %j hold', (names, words) => {
    expect(personalData(columnsOf(...names))).toBe(words);
  });

  it('goes by the type where the slug says nothing', () => {
    const columns = [
      { name: 'attributes.x', source: 'attributes', type: 'tel' },
      { name: 'attributes.y', source: 'attributes', type: 'email' },
    ] as const;
    expect(personalData(columns)).toBe('Further e-mail addresses and phone numbers.');
  });
});

describe('consequences', () => {
  const lines = (
    dialect: Dialect,
    notes: Parameters<typeof consequences>[1],
    compression: Compression = 'none',
  ): string[] =>
    consequences({ dialect, compression }, notes).map(({ kept, lead, rest }) => {
      const words = rest.map((piece) => (typeof piece === 'string' ? piece : piece.code)).join('');
      return `${kept ? '+' : '!'} ${lead}${lead.endsWith('.') ? ' ' : ''}${words}`;
    });
  const zeros = (field: string, count: number) => ({
    code: 'leading_zeros',
    message: 'Excel drops them.',
    field,
    count,
  });

  it('says what a spreadsheet keeps', () => {
    expect(lines('spreadsheet', [])).toEqual([
      '+ Every letter survives. UTF-8 with a byte-order mark, so Siân stays Siân.',
      "+ No cell can run. Text that begins with = + - @ gets a leading ' that can be taken off again.",
    ]);
  });

  it.each([
    ['gzip', '! Spreadsheets do not open gzip. Unpack the file first, or choose None.'],
    [
      'zstd',
      '! Spreadsheets do not open zstd. It takes a program of its own to unpack the file. Choose None to open it in one.',
    ],
  ] as const)('says that a spreadsheet does not open %s, before what it would lose', (compression, line) => {
    const [, , packed, zero] = lines('spreadsheet', [zeros('a', 1)], compression);
    expect(packed).toBe(line);
    expect(zero).toMatch(/^! Excel drops leading zeros/);
  });

  it.each([
    [
      [zeros('attributes.phone', 3120)],
      '! Excel drops leading zeros in attributes.phone (about 3,120 values). Import the column as text to keep them.',
    ],
    [
      [zeros('a', 1), zeros('b', 2)],
      '! Excel drops leading zeros in a (about 1 value) and b (about 2 values). Import the columns as text to keep them.',
    ],
    [
      [zeros('a', 2), zeros('b', 2), zeros('c', 2), zeros('d', 2), zeros('e', 2)],
      '! Excel drops leading zeros in a (about 2 values), b (about 2 values), c (about 2 values) and 2 more columns. Import the columns as text to keep them.',
    ],
    [
      [{ code: 'long_numbers', message: '', field: 'a', count: 9 }],
      '! Excel keeps 15 digits of a number in a (about 9 values). Import the column as text to keep the rest.',
    ],
    [
      [{ code: 'long_cells', message: '', field: 'a', count: 1 }],
      '! Excel cuts cells of more than 32,767 characters in a (about 1 cell). A program reads them whole.',
    ],
    [
      [{ code: 'too_many_rows', message: '', count: 2_000_000 }],
      '! Excel shows 1,048,576 rows at most, and this file has about 2,000,000. Narrow the filter, or read the file with a program.',
    ],
    [[{ code: 'new', message: 'Something else is lost.' }], '! Something else is lost. '],
  ])('says what is lost: %j', (notes, line) => {
    expect(lines('spreadsheet', notes)[2]).toBe(line);
  });

  it('warns of formulas in RFC 4180, and of nothing else', () => {
    expect(lines('rfc4180', [zeros('a', 1)], 'zstd')).toEqual([
      '+ Values stand as they are. UTF-8 without a byte-order mark, for any CSV reader.',
      '! Cells can run. A spreadsheet takes text that begins with = + - @ for a formula. Choose Spreadsheet to open it in one.',
    ]);
  });
});
