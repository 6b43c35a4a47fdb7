import type { Preview, Warning } from '@/api/client';
import { own } from '@/shared/own';
import { count, counted } from '@/shared/ui/format';
import { countWords } from '@/shared/ui/user-count';
import type { Compression, Dialect, ExportForm } from './form';

/** A piece of a line: plain text, or code. */
export type Piece = string | { code: string };

/** One line about what the dialect and the compression do to the data. */
export interface Consequence {
  /** False if data is lost. Then the line says how to avoid the loss. */
  kept: boolean;
  lead: string;
  rest: readonly Piece[];
}

const formulaStarts: readonly Piece[] = [{ code: '=' }, ' ', { code: '+' }, ' ', { code: '-' }, ' ', { code: '@' }];

const safe: readonly Consequence[] = [
  { kept: true, lead: 'All characters are kept.', rest: ['UTF-8 with a byte-order mark, so Siân stays Siân.'] },
  {
    kept: true,
    lead: 'Formulas cannot run.',
    rest: [
      'Where a formula could begin, at the start of a text or after a separator in it, Egress adds a ',
      { code: "'" },
      '. You can remove it again.',
    ],
  },
];

const verbatim: readonly Consequence[] = [
  { kept: true, lead: 'Values are unchanged.', rest: ['UTF-8 without a byte-order mark, for any CSV reader.'] },
  {
    kept: false,
    lead: 'Formulas can run.',
    rest: [
      'A spreadsheet runs text that begins with ',
      ...formulaStarts,
      ' as a formula. Choose Spreadsheet to open the file in one.',
    ],
  },
];

// What prevents a spreadsheet from opening a compressed file.
const packed: Record<Compression, readonly Consequence[]> = {
  none: [],
  gzip: [{ kept: false, lead: 'Spreadsheets do not open gzip.', rest: ['Unpack the file first, or choose None.'] }],
  zstd: [
    {
      kept: false,
      lead: 'Spreadsheets do not open zstd.',
      rest: ['Unpack the file with a zstd program first, or choose None.'],
    },
  ],
};

// The text for each kind of loss: what happens, and how to avoid it in one column or in several.
const losses: Record<string, { lead: string; one: string; many: string; noun: string }> = {
  exponents: {
    lead: 'Excel reads text like 219E01 as a number with an exponent',
    one: 'Import the column as text to keep it.',
    many: 'Import the columns as text to keep it.',
    noun: 'value',
  },
  dates: {
    lead: 'Excel reads text like 3-4, MAR1 or 1/2 as a date, a time or a fraction',
    one: 'Import the column as text to keep it.',
    many: 'Import the columns as text to keep it.',
    noun: 'value',
  },
  leading_zeros: {
    lead: 'Excel drops leading zeros',
    one: 'Import the column as text to keep them.',
    many: 'Import the columns as text to keep them.',
    noun: 'value',
  },
  long_numbers: {
    lead: 'Excel keeps 15 digits of a number',
    one: 'Import the column as text to keep the rest.',
    many: 'Import the columns as text to keep the rest.',
    noun: 'value',
  },
  long_cells: {
    lead: 'Excel cuts cells of more than 32,767 characters',
    one: 'Other programs read them in full.',
    many: 'Other programs read them in full.',
    noun: 'cell',
  },
};

const maxNamed = 3; // columns named in one line

// Notes that another part of the dialog covers: the hint of the dialect says how to open the file.
const coveredElsewhere = new Set(['list_separator']);

/**
 * Returns what the file keeps, and what a spreadsheet or a database loses; only the lines that
 * apply.
 */
export function consequences(
  { dialect, compression }: Pick<ExportForm, 'dialect' | 'compression'>,
  notes: readonly Warning[],
): readonly Consequence[] {
  const twins = notes.filter(({ code }) => code === 'columns_differ_by_case').map(twinsOf);
  if (dialect === 'rfc4180') return [...verbatim, ...twins];
  const lost = notes.filter(({ code }) => code !== 'columns_differ_by_case' && !coveredElsewhere.has(code));
  const codes = [...new Set(lost.map(({ code }) => code))];
  const losses = codes.map((code) => lossOf(lost.filter((note) => note.code === code)));
  return [...safe, ...packed[compression], ...twins, ...losses];
}

/**
 * Says from how many users the losses are estimated; null if all users were read, or no losses are
 * listed.
 */
export function judgedBy(
  dialect: Dialect,
  preview: Pick<Preview, 'sampledUsers' | 'users' | 'accuracy'> | undefined,
): string | null {
  if (dialect === 'rfc4180' || !preview?.sampledUsers || preview.sampledUsers >= preview.users) return null;
  const all = preview.accuracy === 'upper_bound' ? '' : ` of ${countWords(preview)}`;
  return `Based on the values of the first ${counted(preview.sampledUsers, 'user')}${all}.`;
}

// The message names the columns. Its first sentence becomes the lead.
function twinsOf({ message }: Warning): Consequence {
  const end = message.indexOf('. ') + 1;
  return end === 0
    ? { kept: false, lead: message, rest: [] }
    : { kept: false, lead: message.slice(0, end), rest: [message.slice(end + 1)] };
}

function lossOf(notes: readonly Warning[]): Consequence {
  const [first] = notes;
  if (first?.code === 'too_many_rows') {
    const rows = first.count === undefined ? '' : `, and this file has about ${count(first.count)}`;
    const rest = [`${rows}. Narrow the filter, or read the file with another program.`];
    return { kept: false, lead: 'Excel shows 1,048,576 rows at most', rest };
  }
  if (first?.code === 'too_many_columns') {
    const columns = first.count === undefined ? '' : `, and this file has ${count(first.count)}`;
    const rest = [`${columns}. Choose fewer columns, or read the file with another program.`];
    return { kept: false, lead: 'Excel shows 16,384 columns at most', rest };
  }
  const loss = first && own(losses, first.code);
  if (!loss) return { kept: false, lead: first?.message ?? '', rest: [] };
  const named = notes.slice(0, maxNamed).flatMap((note, i): Piece[] => {
    const joint = i === 0 ? ' in ' : i === Math.min(notes.length, maxNamed + 1) - 1 ? ' and ' : ', ';
    const values = note.count === undefined ? '' : ` (about ${counted(note.count, loss.noun)})`;
    return [joint, { code: note.field ?? '' }, values];
  });
  const more = notes.length - maxNamed;
  const others = more > 0 ? ` and ${counted(more, 'more column', 'more columns')}` : '';
  return { kept: false, lead: loss.lead, rest: [...named, `${others}. ${notes.length === 1 ? loss.one : loss.many}`] };
}
