import type { Preview } from '@/api/client';
import { count, counted, size } from '@/shared/ui/format';
import { type ExportForm, eventsAlone } from './form';

/** One line of the preflight figures. */
export interface Line {
  name: string;
  /** What the figure counts, shown next to the name. */
  aside?: string;
  value: string;
}

/** Returns the figures of the file. Estimates from a sample have the word "about". */
export function linesOf(preview: Pick<Preview, 'users' | 'about' | 'columns'>, form: ExportForm): readonly Line[] {
  const { users, about, columns } = preview;
  if (eventsAlone(form)) return [{ name: 'Users', aside: 'whose events', value: count(users) }];
  const perGrant = form.include.grants;
  const rows = perGrant && users > 0 ? `about ${count(about.rows)}` : count(users);
  return [
    { name: 'Users', value: count(users) },
    { name: 'Rows', aside: perGrant ? 'one per subscription' : 'one per user', value: rows },
    { name: 'Columns', value: count(columns.length) },
    { name: 'Size', value: `about ${size(about.bytes)}` },
  ];
}

/** Returns the text of the export button; without a number of users while that is unknown. */
export function actionOf(users: number | undefined, form: Pick<ExportForm, 'include' | 'events'>): string {
  const alone = eventsAlone(form);
  const also = form.events.chosen ? ' and state events' : '';
  if (users === undefined) return alone ? 'Export state events' : `Export users${also}`;
  if (users === 0) return also && !alone ? 'Export the headers only' : 'Export the header only';
  const whom = counted(users, 'user');
  return alone ? `Export state events of ${whom}` : `Export ${whom}${also}`;
}

/**
 * Returns when a file made now is deleted. `retention` is in seconds, `now` in ms since the epoch.
 */
export function keptUntil(retention: number, now: number): Date {
  return new Date(now + retention * 1_000);
}
