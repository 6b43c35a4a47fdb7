import { useEffect, useState } from 'react';

const second = 1_000; // ms

/** The time now. It goes on every second while something on the screen counts them, else every minute. */
export function useNow(counting: boolean): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), counting ? second : 60 * second);
    return () => clearInterval(timer);
  }, [counting]);
  return now;
}
