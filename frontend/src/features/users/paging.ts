import type { UserPage } from '@/shared/api/client';
import { count, counted } from '@/shared/ui/format';

/** Where a page stands among all that match. */
export interface Span {
  from: number;
  to: number;
  /** Users came or went since the pages were counted. */
  about: boolean;
}

interface Place {
  /** From 1; null where it is not known. */
  page: number | null;
  limit: number;
  /** All that match; undefined until they are counted. */
  total: number | undefined;
}

/**
 * Says which of all users a page shows. Pages are cut by id, not by position, so the place is exact only at both ends
 * and as long as nobody came or went in between: what contradicts the count is "about". Null where the page is empty,
 * or its place unknown.
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

/** The span and the total as they are read: "1–25" and " of 48,213". */
export function spanWords(span: Span | null, rows: number, total: number | undefined): { shown: string; of: string } {
  const of = total === undefined || rows === 0 ? '' : ` of ${count(total)}`;
  if (!span) return { shown: counted(rows, 'user'), of };
  const range = span.from === span.to ? count(span.from) : `${count(span.from)}–${count(span.to)}`;
  return { shown: span.about ? `about ${range}` : range, of };
}
