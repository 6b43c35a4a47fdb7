import { describe, expect, it } from 'vitest';
import { consequences, judgedBy } from './consequences';
import type { Compression, Dialect } from './form';

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
      '+ All characters are kept. UTF-8 with a byte-order mark, so Siân stays Siân.',
      "+ Formulas cannot run. Where a formula could begin, at the start of a text or after a separator in it, Egress adds a '. You can remove it again.",
    ]);
  });

  it.each([
    ['gzip', '! Spreadsheets do not open gzip. Unpack the file first, or choose None.'],
    ['zstd', '! Spreadsheets do not open zstd. Unpack the file with a zstd program first, or choose None.'],
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
      '! Excel cuts cells of more than 32,767 characters in a (about 1 cell). Other programs read them in full.',
    ],
    [
      [{ code: 'too_many_rows', message: '', count: 2_000_000 }],
      '! Excel shows 1,048,576 rows at most, and this file has about 2,000,000. Narrow the filter, or read the file with another program.',
    ],
    [
      [{ code: 'exponents', message: '', field: 'foreign_keys.crm', count: 2 }],
      '! Excel reads text like 219E01 as a number with an exponent in foreign_keys.crm (about 2 values). Import the column as text to keep it.',
    ],
    [
      [
        { code: 'dates', message: '', field: 'a', count: 3 },
        { code: 'dates', message: '', field: 'b', count: 1 },
      ],
      '! Excel reads text like 3-4, MAR1 or 1/2 as a date, a time or a fraction in a (about 3 values) and b (about 1 value). Import the columns as text to keep it.',
    ],
    [
      [{ code: 'too_many_columns', message: '', count: 17_008 }],
      '! Excel shows 16,384 columns at most, and this file has 17,008. Choose fewer columns, or read the file with another program.',
    ],
    [[{ code: 'new', message: 'Something else is lost.' }], '! Something else is lost. '],
  ])('says what is lost: %j', (notes, line) => {
    expect(lines('spreadsheet', notes)[2]).toBe(line);
  });

  it('leaves how to open the file to the hint of the dialect', () => {
    expect(lines('spreadsheet', [{ code: 'list_separator', message: 'Commas.' }])).toHaveLength(2);
  });

  it.each(['spreadsheet', 'rfc4180'] as const)('names columns that differ only in case: %s', (dialect) => {
    const message = 'a and A differ only in case. SQLite and DuckDB rename such columns, BigQuery refuses them.';
    const more = '980 further columns differ from another only in case.';
    const notes = [message, more].map((text) => ({ code: 'columns_differ_by_case', message: text }));
    expect(lines(dialect, notes).slice(2)).toEqual([`! ${message}`, `! ${more} `]);
  });

  it('says by whom the losses are judged, unless by all', () => {
    expect(judgedBy('spreadsheet', { sampledUsers: 200, users: 31_206, accuracy: 'exact' })).toBe(
      'Based on the values of the first 200 users of 31,206.',
    );
    expect(judgedBy('spreadsheet', { sampledUsers: 200, users: 200, accuracy: 'exact' })).toBeNull();
    expect(judgedBy('spreadsheet', { sampledUsers: 0, users: 200, accuracy: 'exact' })).toBeNull();
    expect(judgedBy('spreadsheet', undefined)).toBeNull();
    expect(judgedBy('spreadsheet', { sampledUsers: 200, users: 31_000, accuracy: 'estimate' })).toBe(
      'Based on the values of the first 200 users of about 31,000.',
    );
    expect(judgedBy('spreadsheet', { sampledUsers: 200, users: 1_500, accuracy: 'upper_bound' })).toBe(
      'Based on the values of the first 200 users.',
    );
    expect(judgedBy('rfc4180', { sampledUsers: 200, users: 31_206, accuracy: 'exact' })).toBeNull();
  });

  it('warns of formulas in RFC 4180, and of nothing that a spreadsheet changes', () => {
    expect(lines('rfc4180', [zeros('a', 1)], 'zstd')).toEqual([
      '+ Values are unchanged. UTF-8 without a byte-order mark, for any CSV reader.',
      '! Formulas can run. A spreadsheet runs text that begins with = + - @ as a formula. Choose Spreadsheet to open the file in one.',
    ]);
  });
});
