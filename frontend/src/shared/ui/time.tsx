import { clock, day, exactUtc, moment, momentUtc } from './format';

/** The admin's zone: "Europe/London". It is the browser's. */
export function useTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

interface Props {
  value: string;
  /** What is shown: the day, the time of day, both, or both in UTC. */
  as?: 'day' | 'clock' | 'moment' | 'utc';
}

const forms = { day, clock, moment, utc: momentUtc };

/** An instant in the admin's zone. The exact one, in UTC, is in its tooltip and its `datetime`. */
export function Time({ value, as = 'moment' }: Props) {
  const exact = exactUtc(value);
  return (
    <time dateTime={exact} title={exact}>
      {forms[as](value)}
    </time>
  );
}
