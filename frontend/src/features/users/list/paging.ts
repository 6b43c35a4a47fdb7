import type { UserPage } from '@/api/client';
import { count, counted } from '@/shared/ui/format';

/** The position of a page among all matching users. */
export interface Span {
  from: number;
  to: number;
  /** The position is approximate: users were added or removed since the count. */
  about: boolean;
}

interface Place {
  /** From 1; null if it is unknown. */
  page: number | null;
  limit: number;
  /** The number of matching users; undefined until they are counted. */
  total: number | undefined;
}

/**
 * Returns the position of a page among all matching users. Pages are cut by id, not by position, so
 * the position is exact at both ends only, and while no users are added or removed. A position that
 * contradicts the count is "about". Null if the page is empty or its position unknown.
 */
export function spanOf({ results, next, previous }: UserPage, { page, limit, total }: Place): Span | null {
  const rows = results.length;
  if (rows === 0) return null;
  if (previous === null) return placed(1, rows, next, total);
  if (next === null && total !== undefined && total > rows) return { from: total - rows + 1, to: total, about: false };
  if (page === null) return null;
  return placed((page - 1) * limit + 1, rows, next, total);
}

function placed(from: number, rows: number, next: string | null, total: number | undefined): Span {
  const to = from + rows - 1;
  const about = total !== undefined && (next === null ? to !== total : to >= total);
  return { from, to, about };
}

/** Returns the texts of the span and the total: "1–25" and " of 48,213". */
export function spanWords(span: Span | null, rows: number, total: number | undefined): { shown: string; of: string } {
  const of = total === undefined || rows === 0 ? '' : ` of ${count(total)}`;
  if (!span) return { shown: counted(rows, 'user'), of };
  const range = span.from === span.to ? count(span.from) : `${count(span.from)}–${count(span.to)}`;
  return { shown: span.about ? `about ${range}` : range, of };
}
