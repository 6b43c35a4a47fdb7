import { dateText, isMoment } from '@/shared/ui/dates/date-text';
import type { FilterField } from './fields';
import { relativeWords } from './relative';

/** Formats a date with the precision of the rule: "31 Aug 2026", "1 Jan 2026 07:30 UTC", "May 2026". Other text is unchanged. */
export function dateWords(type: FilterField['type'], text: string): string {
  const near = relativeWords(text);
  if (near) return near;
  const shown = dateText(type, text);
  return isMoment(text) && shown !== text ? `${shown} UTC` : shown;
}
