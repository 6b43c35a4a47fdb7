import type { Preview, UserCount } from '@/api/client';
import { count, size } from '@/shared/ui/format';
import { countWords, usersWords } from '@/shared/ui/user-count';
import { type ExportForm, eventsAlone } from './form';

/** One line of the preflight figures. */
export interface Line {
  name: string;
  /** What the figure counts, shown next to the name. */
  aside?: string;
  /** Null if it is not known yet. */
  value: string | null;
}

type Judged = Pick<Preview, 'users' | 'accuracy' | 'sampledUsers' | 'about' | 'columns'>;

/** Returns the figures of the file. Estimates from a sample have the word "about". */
export function linesOf(preview: Judged, form: ExportForm): readonly Line[] {
  const { users, about, columns, sampledUsers, accuracy } = preview;
  const whom = countWords(preview);
  if (eventsAlone(form)) return [{ name: 'Users', aside: 'whose events', value: whom }];
  const perGrant = form.include.grants;
  // Without a user in the sample, nothing is known of the rows; without a number of users, not how many.
  const known = users === 0 || (sampledUsers > 0 && accuracy !== 'upper_bound');
  const rows = perGrant && users > 0 ? (known ? `about ${count(about.rows)}` : null) : whom;
  return [
    { name: 'Users', value: whom },
    { name: 'Rows', aside: perGrant ? 'one per subscription' : 'one per user', value: rows },
    { name: 'Columns', value: count(columns.length) },
    { name: 'Size', value: known ? `about ${size(about.bytes)}` : null },
  ];
}

/** Returns the text of the export button; without a number of users while that is unknown. */
export function actionOf(users: UserCount | undefined, form: Pick<ExportForm, 'include' | 'events'>): string {
  const alone = eventsAlone(form);
  const also = form.events.chosen ? ' and state events' : '';
  if (users === undefined || users.accuracy === 'upper_bound')
    return alone ? 'Export state events' : `Export users${also}`;
  if (users.users === 0) return also && !alone ? 'Export the headers only' : 'Export the header only';
  const whom = usersWords(users);
  return alone ? `Export state events of ${whom}` : `Export ${whom}${also}`;
}

/**
 * Returns when a file made now is deleted. `retention` is in seconds, `now` in ms since the epoch.
 */
export function keptUntil(retention: number, now: number): Date {
  return new Date(now + retention * 1_000);
}
