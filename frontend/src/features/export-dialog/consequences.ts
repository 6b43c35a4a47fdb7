import type { Warning } from '@/shared/api/client';
import { count, counted } from '@/shared/ui/format';
import type { Compression, ExportForm } from './form';

/** A piece of a line: plain words, or what is written as code. */
export type Piece = string | { code: string };

/** What the file's form does to the data, in one line. */
export interface Consequence {
  /** False where something is lost; then the line says how to avoid it. */
  kept: boolean;
  lead: string;
  rest: readonly Piece[];
}

const starts: readonly Piece[] = [{ code: '=' }, ' ', { code: '+' }, ' ', { code: '-' }, ' ', { code: '@' }];

const safe: readonly Consequence[] = [
  { kept: true, lead: 'Every letter survives.', rest: ['UTF-8 with a byte-order mark, so Siân stays Siân.'] },
  {
    kept: true,
    lead: 'No cell can run.',
    rest: ['Text that begins with ', ...starts, ' gets a leading ', { code: "'" }, ' that can be taken off again.'],
  },
];

const verbatim: readonly Consequence[] = [
  { kept: true, lead: 'Values stand as they are.', rest: ['UTF-8 without a byte-order mark, for any CSV reader.'] },
  {
    kept: false,
    lead: 'Cells can run.',
    rest: [
      'A spreadsheet takes text that begins with ',
      ...starts,
      ' for a formula. Choose Spreadsheet to open it in one.',
    ],
  },
];

// What stands between a compressed file and a spreadsheet.
const packed: Record<Compression, readonly Consequence[]> = {
  none: [],
  gzip: [{ kept: false, lead: 'Spreadsheets do not open gzip.', rest: ['Unpack the file first, or choose None.'] }],
  zstd: [
    {
      kept: false,
      lead: 'Spreadsheets do not open zstd.',
      rest: ['It takes a program of its own to unpack the file. Choose None to open it in one.'],
    },
  ],
};

// What is told of each kind of note: what happens, and how to avoid it in one column or in several.
const losses: Record<string, { lead: string; one: string; many: string; noun: string }> = {
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
    one: 'A program reads them whole.',
    many: 'A program reads them whole.',
    noun: 'cell',
  },
};

const most = 3; // columns named in one line

/** Says what the file keeps, and what a spreadsheet will lose of it: only what applies, one line each. */
export function consequences(
  { dialect, compression }: Pick<ExportForm, 'dialect' | 'compression'>,
  notes: readonly Warning[],
): readonly Consequence[] {
  if (dialect === 'rfc4180') return verbatim;
  const codes = [...new Set(notes.map(({ code }) => code))];
  return [...safe, ...packed[compression], ...codes.map((code) => lossOf(notes.filter((note) => note.code === code)))];
}

function lossOf(notes: readonly Warning[]): Consequence {
  const [first] = notes;
  if (first?.code === 'too_many_rows') {
    const rows = first.count === undefined ? '' : `, and this file has about ${count(first.count)}`;
    const rest = [`${rows}. Narrow the filter, or read the file with a program.`];
    return { kept: false, lead: 'Excel shows 1,048,576 rows at most', rest };
  }
  const loss = first && losses[first.code];
  if (!loss) return { kept: false, lead: first?.message ?? '', rest: [] };
  const named = notes.slice(0, most).flatMap((note, i): Piece[] => {
    const joint = i === 0 ? ' in ' : i === Math.min(notes.length, most + 1) - 1 ? ' and ' : ', ';
    const values = note.count === undefined ? '' : ` (about ${counted(note.count, loss.noun)})`;
    return [joint, { code: note.field ?? '' }, values];
  });
  const more = notes.length - most;
  const others = more > 0 ? ` and ${counted(more, 'more column', 'more columns')}` : '';
  return { kept: false, lead: loss.lead, rest: [...named, `${others}. ${notes.length === 1 ? loss.one : loss.many}`] };
}
