import type { Field } from '@/api/client';

/** The time span of a date in a rule, in ms since 1970. The end is exclusive. */
export interface Span {
  start: number;
  end: number;
}

/** The kind of a date: the input type of its field. */
export type DateType = Field['input-type'];

const day = 86_400_000;
const clock = String.raw`(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?`;
const forms = {
  instant: new RegExp(String.raw`^(\d{4}-\d\d-\d\d)T${clock}(?:Z|([+-])(\d\d):(\d\d))$`),
  datetime: new RegExp(String.raw`^(\d{4}-\d\d-\d\d)[T ]${clock}$`),
  date: /^\d{4}-\d\d-\d\d$/,
  month: /^\d{4}-\d\d$/,
  week: /^(\d{4})-W(\d\d)$/,
  time: new RegExp(`^${clock}$`),
};

/** Parses a date like the server (internal/filter/date_range.go): an RFC 3339 time, a date, or the format of the type. */
export function spanOf(type: DateType, text: string): Span | null {
  const instant = forms.instant.exec(text);
  if (instant) return instantSpan(instant);
  if (forms.date.test(text) && type !== 'time') return from(dayStart(text), () => day);
  switch (type) {
    case 'datetime': {
      const match = forms.datetime.exec(text);
      return match ? timeSpan(dayStart(match[1] ?? ''), match.slice(2)) : null;
    }
    case 'time': {
      const match = forms.time.exec(text);
      return match ? timeSpan(0, match.slice(1)) : null; // stored on 1 January 1970
    }
    case 'month':
      return forms.month.test(text) ? from(dayStart(`${text}-01`), (start) => daysInMonth(start) * day) : null;
    case 'week':
      return from(weekStart(text), () => 7 * day);
    default:
      return null;
  }
}

function from(start: number | null, length: (start: number) => number): Span | null {
  return start === null ? null : { start, end: start + length(start) };
}

function dayStart(date: string): number | null {
  const start = Date.parse(`${date}T00:00:00.000Z`);
  // JavaScript parses 30 February as 2 March.
  return Number.isNaN(start) || !new Date(start).toISOString().startsWith(date) ? null : start;
}

function instantSpan(match: RegExpExecArray): Span | null {
  const [, date = '', hour, minute, second, fraction = '', sign, zoneHour = '0', zoneMinute = '0'] = match;
  if (!second || Number(zoneHour) > 24 || Number(zoneMinute) > 59) return null;
  const span = timeSpan(dayStart(date), [hour, minute, second, fraction.slice(0, 3).padEnd(3, '0')]);
  if (!span) return null;
  const offset = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000 * (sign === '-' ? -1 : 1);
  const start = span.start - offset;
  // The database stores milliseconds, so a time between two of them matches nothing.
  return /[1-9]/.test(fraction.slice(3)) ? { start: start + 1, end: start + 1 } : { start, end: start + 1 };
}

/** Returns the span of a time of day. Its length is the precision of the text: a minute, a second or a millisecond. */
function timeSpan(dayStart: number | null, [hour, minute, second, fraction]: (string | undefined)[]): Span | null {
  const [h, m, s] = [Number(hour), Number(minute), Number(second ?? 0)];
  if (dayStart === null || h > 23 || m > 59 || s > 59) return null;
  const ms = fraction ? Number(fraction.slice(0, 3).padEnd(3, '0')) : 0;
  const start = dayStart + ((h * 60 + m) * 60 + s) * 1000 + ms;
  return { start, end: start + (fraction ? 1 : second ? 1000 : 60_000) };
}

function daysInMonth(start: number): number {
  const date = new Date(start);
  date.setUTCMonth(date.getUTCMonth() + 1);
  return (date.getTime() - start) / day;
}

function weekStart(text: string): number | null {
  const match = forms.week.exec(text);
  const fourth = match && dayStart(`${match[1]}-01-04`); // always in week 1
  if (fourth === null || fourth === undefined) return null;
  const week = Number(match?.[2]);
  const monday = fourth + ((week - 1) * 7 - ((new Date(fourth).getUTCDay() + 6) % 7)) * day;
  // A week belongs to the year of its Thursday. A week 53 whose Thursday is in the next year does not exist.
  return week > 0 && new Date(monday + 3 * day).getUTCFullYear() === Number(match?.[1]) ? monday : null;
}
