// Numbers, sizes and times as the admin's own locale and zone write them. Files, timelines and previews are UTC and say so.

/** The browser's locale. */
export const locale: string = typeof navigator === 'undefined' ? 'en-GB' : (navigator.language ?? 'en-GB');

/** A number of things: "31,206". */
export function count(n: number): string {
  return n.toLocaleString(locale);
}

/** A number of things with its noun: "1 user", "31,206 users". */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** A share in percent, to one decimal below 10: "3.8%", "26%"; "100%" only when it is all. */
export function share(part: number, whole: number): string {
  if (whole <= 0) return '0%';
  if (part >= whole) return '100%';
  const exact = (part / whole) * 100;
  const shown = exact < 9.95 ? Math.round(exact * 10) / 10 : Math.min(99, Math.round(exact));
  return `${shown.toLocaleString(locale)}%`;
}

/**
 * A file's size: 1 MB is 1,000,000 bytes. "999 B", "1.2 kB", "48.1 MB", "1.0 GB". The unit is the one that suits `like`,
 * where a part stands beside its whole.
 */
export function size(bytes: number, like = bytes): string {
  if (like < 1_000) return `${count(bytes)} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1_000;
  let measure = like / 1_000;
  let unit = 0;
  // What would round to 1,000.0 is already one of the next unit.
  while (measure >= 999.95 && unit < units.length - 1) {
    measure /= 1_000;
    value /= 1_000;
    unit++;
  }
  return `${oneDecimal(value)} ${units[unit]}`;
}

/** The size as the progress indicator writes it, whatever the locale: "12.4MB". */
export function toastSize(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)}MB`;
}

/** Megabytes as they are spoken: "12.4". */
export function megabytes(bytes: number): string {
  return oneDecimal(bytes / 1_000_000);
}

function oneDecimal(value: number): string {
  return value.toLocaleString(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

/** A span of time for a reader: "2 s", "4 min 12 s", "1 h 5 min". */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  const min = Math.floor(s / 60);
  if (min < 60) return s % 60 ? `${min} min ${s % 60} s` : `${min} min`;
  return min % 60 ? `${Math.floor(min / 60)} h ${min % 60} min` : `${Math.floor(min / 60)} h`;
}

/** A day of the admin's zone: "28 Aug 2026". */
export function day(time: string | Date, zone?: string): string {
  return written(time, { day: 'numeric', month: 'short', year: 'numeric' }, zone);
}

/** The time of day in the admin's zone: "08:31". */
export function clock(time: string | Date, zone?: string): string {
  return written(time, { hour: '2-digit', minute: '2-digit' }, zone);
}

/** Day and time in the admin's zone: "28 Aug 2026, 08:31". */
export function moment(time: string | Date, zone?: string): string {
  return `${day(time, zone)}, ${clock(time, zone)}`;
}

/** The same instant exactly, in UTC: "2026-11-23T08:31:28.000Z". */
export function exactUtc(time: string | Date): string {
  return new Date(time).toISOString();
}

/** The time of day in UTC with seconds: "08:31:28". The caller says that it is UTC. */
export function clockUtc(time: string | Date): string {
  return written(time, { hour: '2-digit', minute: '2-digit', second: '2-digit' }, 'UTC');
}

/** Day and time in UTC, named so: "28 Aug 2026, 08:31:28 UTC". */
export function momentUtc(time: string | Date): string {
  return `${day(time, 'UTC')}, ${clockUtc(time)} UTC`;
}

function written(time: string | Date, options: Intl.DateTimeFormatOptions, zone?: string): string {
  // Day before month, by its name: in English the one order that nobody misreads.
  const of = locale.startsWith('en') ? 'en-GB' : locale;
  const all = { hourCycle: 'h23' as const, ...options, ...(zone && { timeZone: zone }) };
  return new Intl.DateTimeFormat(of, all).format(new Date(time)).replace('Sept', 'Sep');
}

/** A zone with its distance from UTC: "Europe/London (UTC+0)". */
export function zoneName(zone: string, at: Date = new Date()): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts(at);
  const offset = parts.find(({ type }) => type === 'timeZoneName')?.value.replace(/GMT|UTC/, '') ?? '';
  return `${zone} (UTC${offset || '+0'})`;
}
