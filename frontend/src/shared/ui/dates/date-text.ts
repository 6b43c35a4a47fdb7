import { day, locale } from '../format';
import { type DateType, spanOf } from './spans';

/** Formats a date with its own precision, for an input: "31 Aug 2026", "1 Jan 2026 07:30", "May 2026". Other text is unchanged. */
export function dateText(type: DateType, text: string): string {
  // The fraction keeps its digits, since a span has milliseconds only.
  const span = spanOf(type, text) && spanOf(type, text.replace(/[.,]\d+/, ''));
  if (!span) return text;
  const start = new Date(span.start);
  if (isMoment(text)) return `${day(start, 'UTC')} ${clock(start, text)}`;
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return day(start, 'UTC');
  return type === 'month' ? month(start) : text; // times of day and weeks are readable unchanged
}

/** Reports whether a text has the form of a date with a time of day. */
export function isMoment(text: string): boolean {
  return /^\d{4}-\d\d-\d\d[T ]/.test(text);
}

/** Returns the shortest exact time of day: "07:30", "08:30:05", "08:30:05.5". */
function clock(start: Date, text: string): string {
  const utc = start.toISOString();
  const fraction = /[.,](\d+)/.exec(text)?.[1]?.replace(/0+$/, '');
  if (fraction) return `${utc.slice(11, 19)}.${fraction}`;
  return utc.slice(17, 19) === '00' ? utc.slice(11, 16) : utc.slice(11, 19);
}

function month(start: Date): string {
  const of = locale.startsWith('en') ? 'en-GB' : locale;
  const options = { month: 'short', year: 'numeric', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat(of, options).format(start).replace('Sept', 'Sep');
}
