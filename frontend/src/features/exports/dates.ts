import { locale } from '@/shared/ui/format';

// Day before month in English, as shared/ui/format has it.
const of = locale.startsWith('en') ? 'en-GB' : locale;

/** The day of an instant in a zone, so that days can be compared: "2026-11-23". */
export function dayOf(time: string | Date, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return parts.format(new Date(time));
}

/** The day before a day: "2026-11-22". */
export function dayBefore(day: string): string {
  const noon = new Date(`${day}T12:00:00Z`);
  noon.setUTCDate(noon.getUTCDate() - 1);
  return noon.toISOString().slice(0, 10);
}

/** A day with its weekday: "Monday 23 Nov". */
export function weekday(time: string | Date, zone: string): string {
  const name = new Intl.DateTimeFormat(of, { weekday: 'long', timeZone: zone }).format(new Date(time));
  return `${name} ${shortDay(time, zone)}`;
}

/** A day without what is plain from the context: "14 Nov", and "14 Nov 2025" where the year is not this one. */
export function shortDay(time: string | Date, zone: string, now: string | Date = time): string {
  return dayFormat([time], zone, now).format(new Date(time)).replace('Sept', 'Sep');
}

/** The days that something spans: "9–15 Nov". */
export function dayRange(from: string | Date, to: string | Date, zone: string, now: string | Date): string {
  if (dayOf(from, zone) === dayOf(to, zone)) return shortDay(from, zone, now);
  return dayFormat([from, to], zone, now).formatRange(new Date(from), new Date(to)).replaceAll('Sept', 'Sep');
}

function dayFormat(times: (string | Date)[], zone: string, now: string | Date): Intl.DateTimeFormat {
  const year = (time: string | Date) => dayOf(time, zone).slice(0, 4);
  const sameYear = times.every((time) => year(time) === year(now));
  return new Intl.DateTimeFormat(of, {
    day: 'numeric',
    month: 'short',
    ...(!sameYear && { year: 'numeric' as const }),
    timeZone: zone,
  });
}
