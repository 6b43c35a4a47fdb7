import type { Definition } from '@/api/client';
import { spanOf } from '@/shared/ui/dates/spans';

/** The dialog's state of the state events file. */
export interface EventChoice {
  chosen: boolean;
  /** A date or a time in UTC, as typed; blank for no bound. */
  from: string;
  to: string;
}

/** No state events file. */
export const noEvents: EventChoice = { chosen: false, from: '', to: '' };

/**
 * Returns the error in the time range and its field; null if the range is valid or no file is
 * chosen.
 */
export function eventFault({ chosen, from, to }: EventChoice): { at: 'from' | 'to'; message: string } | null {
  if (!chosen) return null;
  const [first, last] = [spanOf('datetime', from.trim()), spanOf('datetime', to.trim())];
  const invalid = 'Enter a date like 31 Jan 2026, or with a time like 31 Jan 2026 08:30.';
  if (from.trim() && !first) return { at: 'from', message: invalid };
  if (to.trim() && !last) return { at: 'to', message: invalid };
  if (first && last && last.end <= first.start) return { at: 'to', message: 'The end is before the start.' };
  return null;
}

/**
 * Returns the range to send. Both ends are included; a date means the whole day in UTC, a minute
 * the whole minute.
 */
export function eventRange({ from, to }: EventChoice): NonNullable<Definition['stateEvents']> {
  const [first, last] = [spanOf('datetime', from.trim()), spanOf('datetime', to.trim())];
  return {
    from: first && new Date(first.start).toISOString(),
    to: last && new Date(Math.max(last.end - 1, last.start)).toISOString(),
  };
}
