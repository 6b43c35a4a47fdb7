import { locale } from '../format';
import { spanOf } from './spans';

// "31 Aug 2026", "31. August 2026, 08:30": the day first and the month by name, so that it is unambiguous.
const form =
  /^(\d{1,2})\.?\s+(?:de\s+)?(\p{L}{3,})\.?,?\s+(?:de\s+)?(\d{4})(?:,?\s+(\d{1,2}:\d\d(?::\d\d)?)(?:\s*UTC)?)?$/u;

/** Parses a typed date. Returns it in a format of the server; null if it is no date. */
export function readDate(type: 'date' | 'datetime', typed: string): string | null {
  const text = typed.trim();
  if (!text || spanOf(type, text)) return text;
  const [, day = '', name = '', year = '', time] = form.exec(text) ?? [];
  const month = monthOf(name);
  if (month === null) return null;
  const date = `${year}-${String(month).padStart(2, '0')}-${day.padStart(2, '0')}`;
  const read = time ? `${date}T${time.padStart(time.length < 6 ? 5 : 8, '0')}` : date;
  return spanOf(type, read) ? read : null;
}

function monthOf(name: string): number | null {
  if (!name) return null;
  const typed = name.toLocaleLowerCase(locale);
  for (const language of new Set([locale, 'en-GB'])) {
    const names = Array.from({ length: 12 }, (_, month) =>
      new Intl.DateTimeFormat(language, { month: 'long', timeZone: 'UTC' })
        .format(Date.UTC(2026, month, 1))
        .toLocaleLowerCase(locale),
    );
    const at = names.flatMap((long, month) => (long.startsWith(typed) ? [month + 1] : []));
    if (at.length === 1) return at[0] ?? null; // "ju" matches two months
  }
  return null;
}
