import { keptFor } from '@/shared/ui/format';

const day = 24 * 60 * 60; // seconds
const presets = [1, 3, 7, 14, 30, 90]; // days

/** The longest that files may be kept, in days. */
export const mostDays = 90;
/** The choice that asks for a number of days. */
export const custom = 'custom';

/** A retention time to choose; its value is a number of seconds, or `custom`. */
export interface Choice {
  value: string;
  label: string;
}

/** Returns the times to choose from: the presets, the current one and the default, in seconds. */
export function choicesOf(set: number, standard: number): Choice[] {
  const all = new Set([...presets.map((n) => n * day), set, standard]);
  const known = [...all].sort((a, b) => a - b);
  return [
    ...known.map((n) => ({ value: String(n), label: n === standard ? `${keptFor(n)} (default)` : keptFor(n) })),
    { value: custom, label: 'Another number of days…' },
  ];
}

/** Parses a typed number of days. Returns the seconds, or the problem. */
export function readDays(text: string): { seconds: number } | { problem: string } {
  const days = /^\d{1,9}$/.test(text.trim()) ? Number(text) : 0;
  if (days < 1 || days > mostDays) return { problem: `Enter a whole number of days from 1 to ${mostDays}.` };
  return { seconds: days * day };
}
