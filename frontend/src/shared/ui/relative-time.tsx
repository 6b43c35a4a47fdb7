import { exactUtc } from './format';
import { rawText } from './value';

const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];
const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** Formats the distance of an instant from now: "5 minutes ago", "in 7 days", "now". */
export function fromNow(time: string, now: number = Date.now()): string {
  const distance = Date.parse(time) - now;
  if (Number.isNaN(distance)) return rawText(time);
  const step = steps.find(([, ms]) => Math.abs(distance) >= ms);
  return step ? words.format(Math.round(distance / step[1]), step[0]) : 'now';
}

/** Shows an instant relative to now. Its tooltip and its `datetime` have the exact time in UTC. */
export function RelativeTime({ value }: { value: string }) {
  const exact = exactUtc(value);
  return (
    <time dateTime={exact} title={exact}>
      {fromNow(value)}
    </time>
  );
}
