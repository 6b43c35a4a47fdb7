import { spanOf } from '@/features/filter/dates';
import type { Definition } from '@/shared/api/client';

/** The second file, as the dialog holds it. */
export interface EventChoice {
  chosen: boolean;
  /** A date or a moment in UTC, as it is typed; blank for no bound. */
  from: string;
  to: string;
}

/** No second file. */
export const noEvents: EventChoice = { chosen: false, from: '', to: '' };

/** What is wrong with the range of a second file that is chosen, and where; null where nothing is. */
export function eventFault({ chosen, from, to }: EventChoice): { at: 'from' | 'to'; message: string } | null {
  if (!chosen) return null;
  const [first, last] = [spanOf('datetime', from.trim()), spanOf('datetime', to.trim())];
  const unread = 'Enter a date like 31 Jan 2026, or with a time like 31 Jan 2026 08:30.';
  if (from.trim() && !first) return { at: 'from', message: unread };
  if (to.trim() && !last) return { at: 'to', message: unread };
  if (first && last && last.end <= first.start) return { at: 'to', message: 'This is earlier than where it starts.' };
  return null;
}

/** The range to send: a bare date is that whole day in UTC, a minute that whole minute, both ends included. */
export function eventRange({ from, to }: EventChoice): NonNullable<Definition['stateEvents']> {
  const [first, last] = [spanOf('datetime', from.trim()), spanOf('datetime', to.trim())];
  return {
    from: first && new Date(first.start).toISOString(),
    to: last && new Date(Math.max(last.end - 1, last.start)).toISOString(),
  };
}
