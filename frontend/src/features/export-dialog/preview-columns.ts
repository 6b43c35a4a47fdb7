import type { Preview } from '@/api/client';

/** One cell of the preview's head: a column, or a range of hidden columns. */
export type Place = { kind: 'column'; index: number } | { kind: 'fold'; from: number; to: number };

// The columns that are always shown: identity and subscriptions.
const alwaysShown = new Set([
  'user_id',
  'user_store',
  'identifiers.email_address',
  'identifiers.username',
  'grant.product',
  'grant.expiry_state',
  'grant.start',
  'grant.end',
]);
const maxSamples = 3; // columns of other groups, if there are no grants

/**
 * Returns the columns to show, in the file's order, and hides the others in folds. Without grants
 * it also shows the first columns of other groups whose values differ. A single column is never
 * folded. `opened` holds the first column of each fold that the admin opened.
 */
export function foldColumns(
  { columns, rows }: Pick<Preview, 'columns' | 'rows'>,
  opened: ReadonlySet<number>,
): readonly Place[] {
  let samplesLeft = columns.some(({ source }) => source === 'grant') ? 0 : maxSamples;
  const shown = columns.map(({ name, source }, i) => {
    if (alwaysShown.has(name)) return true;
    const differs = new Set(rows.map((row) => row[i] ?? '')).size > 1;
    return source !== 'user' && differs && samplesLeft-- > 0;
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

/**
 * Reports for each row whether it has the same user as the row above. Then only the subscription
 * differs.
 */
export function repeats({ columns, rows }: Pick<Preview, 'columns' | 'rows'>): readonly boolean[] {
  const id = columns.findIndex(({ name }) => name === 'user_id');
  return rows.map((row, i) => id >= 0 && i > 0 && row[id] === rows[i - 1]?.[id]);
}
