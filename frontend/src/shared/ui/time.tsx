import { clock, clockSeconds, day, exactUtc, moment, momentSeconds, momentUtc } from './format';
import { rawText } from './value';

/** Returns the admin's time zone, which is the browser's: "Europe/London". */
export function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Returns the admin's time zone. */
export const useTimeZone = timeZone;

interface Props {
  value: string;
  /** The shown part: the day, the time of day, both, both with seconds, the time of day with seconds, or both in UTC. */
  as?: 'day' | 'clock' | 'moment' | 'seconds' | 'clock-seconds' | 'utc';
}

const forms = { day, clock, moment, seconds: momentSeconds, 'clock-seconds': clockSeconds, utc: momentUtc };

/**
 * Shows an instant in the admin's time zone. Tooltip and `datetime` have the exact time in UTC.
 * Shows other text as is.
 */
export function Time({ value, as = 'moment' }: Props) {
  if (Number.isNaN(Date.parse(value))) return <bdi dir="auto">{rawText(value)}</bdi>;
  const exact = exactUtc(value);
  return (
    <time dateTime={exact} title={exact}>
      {forms[as](value)}
    </time>
  );
}
