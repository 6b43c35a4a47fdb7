import type { Preview } from '@/shared/api/client';

/** What stands at one place of the preview's head: a column, or columns that are folded away. */
export type Place = { kind: 'column'; index: number } | { kind: 'fold'; from: number; to: number };

// Who, and what they bought: the columns that show how the file is made.
const telling = new Set([
  'user_id',
  'user_store',
  'identifiers.email_address',
  'identifiers.username',
  'grant.product',
  'grant.expiry_state',
  'grant.start',
  'grant.end',
]);
const samples = 3; // columns of other groups, where there are no subscriptions

/**
 * Keeps the file's order and folds what teaches nothing. Without subscriptions the first columns of the chosen groups
 * whose values differ are shown too. A fold of one column would save no room; `opened` are the folds, by their first
 * column, that were opened.
 */
export function foldColumns(
  { columns, rows }: Pick<Preview, 'columns' | 'rows'>,
  opened: ReadonlySet<number>,
): readonly Place[] {
  let left = columns.some(({ source }) => source === 'grant') ? 0 : samples;
  const shown = columns.map(({ name, source }, i) => {
    if (telling.has(name)) return true;
    const differs = new Set(rows.map((row) => row[i] ?? '')).size > 1;
    return source !== 'user' && differs && left-- > 0;
  });
  const places: Place[] = [];
  for (let i = 0; i < columns.length; i++) {
    let to = i;
    while (to + 1 < columns.length && !shown[i] && !shown[to + 1]) to++;
    if (to > i && !opened.has(i)) places.push({ kind: 'fold', from: i, to });
    else for (let index = i; index <= to; index++) places.push({ kind: 'column', index });
    i = to;
  }
  return places;
}

/** Reports, by row, whether it is of the same user as the row above: then only its subscription is new. */
export function repeats({ columns, rows }: Pick<Preview, 'columns' | 'rows'>): readonly boolean[] {
  const id = columns.findIndex(({ name }) => name === 'user_id');
  return rows.map((row, i) => id >= 0 && i > 0 && row[id] === rows[i - 1]?.[id]);
}
