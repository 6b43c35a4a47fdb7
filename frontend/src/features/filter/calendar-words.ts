import { locale } from '@/shared/ui/format';

// The calendar hands dates over as "2026-08-31", which JavaScript reads as UTC.
function written(date: string, options: Intl.DateTimeFormatOptions): string {
  const of = locale.startsWith('en') ? 'en-GB' : locale;
  return new Intl.DateTimeFormat(of, { ...options, timeZone: 'UTC' }).format(new Date(date.slice(0, 10)));
}

/** "August 2026". */
export function monthLabel(date: string): string {
  return written(date, { month: 'long', year: 'numeric' });
}

/** "Mo". */
export function weekdayLabel(date: string): string {
  return written(date, { weekday: 'short' }).slice(0, 2);
}

/** "Monday 31 August 2026". */
export function dayLabel(date: string): string {
  return written(date, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
}
