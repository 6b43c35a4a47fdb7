// Formats numbers, sizes and times in the admin's locale and time zone. Files, timelines and
// previews use UTC and say so.

/** The browser's locale. */
export const locale: string = typeof navigator === 'undefined' ? 'en-GB' : (navigator.language ?? 'en-GB');

/** Formats a number: "31,206". */
export function count(n: number): string {
  return n.toLocaleString(locale);
}

/** Formats a number with its noun: "1 user", "31,206 users". */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** Formats a share in percent, with one decimal below 10: "3.8%", "26%". "100%" means all. */
export function share(part: number, whole: number): string {
  if (whole <= 0) return '0%';
  if (part >= whole) return '100%';
  const exact = (part / whole) * 100;
  const shown = exact < 9.95 ? Math.round(exact * 10) / 10 : Math.min(99, Math.round(exact));
  return `${shown.toLocaleString(locale)}%`;
}

/**
 * Formats a size: "999 B", "1.2 kB", "48.1 MB", "1.0 GB"; 1 MB is 1,000,000 bytes. `like` chooses
 * the unit, so that a part has the same unit as its total.
 */
export function size(bytes: number, like = bytes): string {
  if (like < 1_000) return `${count(bytes)} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1_000;
  let measure = like / 1_000;
  let unit = 0;
  // A value that would round to 1,000.0 uses the next unit.
  while (measure >= 999.95 && unit < units.length - 1) {
    measure /= 1_000;
    value /= 1_000;
    unit++;
  }
  return `${oneDecimal(value)} ${units[unit]}`;
}

/** Formats a size as the specification's toast does, in every locale: "12.4MB". */
export function toastSize(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)}MB`;
}

const tenthOfMegabyte = 100_000; // bytes, the last digit that is shown

/**
 * Returns the bytes of a download as both numbers are shown, in tenths of a megabyte. What has arrived is rounded down,
 * so that it never decreases, and is less than the total until all of it is verified.
 */
export function shownProgress(bytes: number, bytesTotal: number, complete: boolean): { bytes: number; total: number } {
  const total = Math.round(bytesTotal / tenthOfMegabyte);
  const arrived = Math.floor(bytes / tenthOfMegabyte);
  const shown = complete ? [total, total] : [arrived, Math.max(total, arrived + 1)];
  const [x = 0, y = 0] = shown.map((tenths) => tenths * tenthOfMegabyte);
  return { bytes: x, total: y };
}

/** Formats megabytes for screen readers: "12.4". */
export function megabytes(bytes: number): string {
  return oneDecimal(bytes / 1_000_000);
}

function oneDecimal(value: number): string {
  return value.toLocaleString(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

/** Formats a duration: "2 s", "4 min 12 s", "1 h 5 min". */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  const min = Math.floor(s / 60);
  if (min < 60) return s % 60 ? `${min} min ${s % 60} s` : `${min} min`;
  return min % 60 ? `${Math.floor(min / 60)} h ${min % 60} min` : `${Math.floor(min / 60)} h`;
}

const secondsPerDay = 24 * 60 * 60;

/** Formats a retention: "7 days", or "36 h" if it is not a whole number of days. */
export function keptFor(seconds: number): string {
  return seconds % secondsPerDay === 0 ? counted(seconds / secondsPerDay, 'day') : duration(seconds);
}

// Times may come from foreign data. A text that is no time, or a year before 1, is shown unchanged:
// Intl throws for the former and formats the latter like a year after 1. The limit is one day later
// to allow for time zones.
const firstWritten = Date.parse('0001-01-02T00:00:00.000Z');

/** Formats a day in the admin's time zone: "28 Aug 2026". */
export function day(time: string | Date, zone?: string): string {
  return written(time, (at) => formatted(at, { day: 'numeric', month: 'short', year: 'numeric' }, zone));
}

/** Formats the time of day in the admin's time zone: "08:31". */
export function clock(time: string | Date, zone?: string): string {
  return written(time, (at) => formatted(at, { hour: '2-digit', minute: '2-digit' }, zone));
}

/** Formats the time of day with seconds in the admin's time zone: "08:31:28". */
export function clockSeconds(time: string | Date, zone?: string): string {
  return written(time, (at) => formatted(at, { hour: '2-digit', minute: '2-digit', second: '2-digit' }, zone));
}

/** Formats day and time in the admin's time zone: "28 Aug 2026, 08:31". */
export function moment(time: string | Date, zone?: string): string {
  return written(time, (at) => `${day(at, zone)}, ${clock(at, zone)}`);
}

/** Formats day and time with seconds in the admin's time zone: "28 Aug 2026, 08:31:28". */
export function momentSeconds(time: string | Date, zone?: string): string {
  return written(time, (at) => `${day(at, zone)}, ${clockSeconds(at, zone)}`);
}

/** Formats an instant exactly, in UTC: "2026-11-23T08:31:28.000Z". */
export function exactUtc(time: string | Date): string {
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? asItCame(time) : at.toISOString();
}

/** Formats the time of day in UTC with seconds: "08:31:28". The caller must label it as UTC. */
export function clockUtc(time: string | Date): string {
  return clockSeconds(time, 'UTC');
}

/** Formats day and time in UTC: "28 Aug 2026, 08:31:28 UTC". */
export function momentUtc(time: string | Date): string {
  return written(time, (at) => `${day(at, 'UTC')}, ${clockUtc(at)} UTC`);
}

/** Formats an instant by `form`; returns a text that is no valid time unchanged. */
export function written(time: string | Date, form: (at: Date) => string): string {
  const at = new Date(time);
  return at.getTime() >= firstWritten ? form(at) : asItCame(time);
}

function asItCame(time: string | Date): string {
  if (!(time instanceof Date)) return clipped(String(time));
  return Number.isNaN(time.getTime()) ? 'unknown' : time.toISOString();
}

// A table has the same few formats in every row, and creating one costs far more than using it.
const formats = new Map<string, Intl.DateTimeFormat>();

function formatted(at: Date, options: Intl.DateTimeFormatOptions, zone?: string): string {
  const all = { hourCycle: 'h23' as const, ...options, ...(zone && { timeZone: zone }) };
  const key = JSON.stringify(all);
  let format = formats.get(key);
  if (!format) {
    // British English puts the day before the month's name, which nobody misreads.
    format = new Intl.DateTimeFormat(locale.startsWith('en') ? 'en-GB' : locale, all);
    formats.set(key, format);
  }
  return format.format(at).replace('Sept', 'Sep');
}

/** Cuts a long text to `most` characters and appends "…". */
export function clipped(text: string, most = 1_000): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** Formats a time zone with its offset: "Europe/London (UTC+0)". */
export function zoneName(zone: string, at: Date = new Date()): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts(at);
  const offset = parts.find(({ type }) => type === 'timeZoneName')?.value.replace(/GMT|UTC/, '') ?? '';
  return `${zone} (UTC${offset || '+0'})`;
}
