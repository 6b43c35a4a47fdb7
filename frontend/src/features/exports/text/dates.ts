import { locale, written } from '@/shared/ui/format';

// English puts the day before the month, as in shared/ui/format.
const dateLocale = locale.startsWith('en') ? 'en-GB' : locale;

/** Returns the day of an instant in a time zone, in a form that sorts: "2026-11-23". */
export function dayOf(time: string | Date, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return written(time, (at) => parts.format(at));
}

/** Returns the previous day: "2026-11-22". */
export function dayBefore(day: string): string {
  const noon = new Date(`${day}T12:00:00Z`);
  noon.setUTCDate(noon.getUTCDate() - 1);
  return noon.toISOString().slice(0, 10);
}

/** Returns a day with its weekday: "Monday 23 Nov". */
export function weekday(time: string | Date, zone: string): string {
  const name = new Intl.DateTimeFormat(dateLocale, { weekday: 'long', timeZone: zone });
  return written(time, (at) => `${name.format(at)} ${shortDay(at, zone)}`);
}

/** Returns a day, with its year only if that is not the year of `now`: "14 Nov", "14 Nov 2025". */
export function shortDay(time: string | Date, zone: string, now: string | Date = time): string {
  return written(time, (at) => dayFormat([at], zone, now).format(at).replace('Sept', 'Sep'));
}

/** Returns a range of days: "9–15 Nov". */
export function dayRange(from: string | Date, to: string | Date, zone: string, now: string | Date): string {
  if (dayOf(from, zone) === dayOf(to, zone)) return shortDay(from, zone, now);
  const range = (first: Date) =>
    written(to, (last) => dayFormat([first, last], zone, now).formatRange(first, last).replaceAll('Sept', 'Sep'));
  return written(from, range);
}

function dayFormat(times: (string | Date)[], zone: string, now: string | Date): Intl.DateTimeFormat {
  const year = (time: string | Date) => dayOf(time, zone).slice(0, 4);
  const sameYear = times.every((time) => year(time) === year(now));
  return new Intl.DateTimeFormat(dateLocale, {
    day: 'numeric',
    month: 'short',
    ...(!sameYear && { year: 'numeric' as const }),
    timeZone: zone,
  });
}
