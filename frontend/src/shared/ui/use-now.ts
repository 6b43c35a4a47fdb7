import { useEffect, useState } from 'react';

const second = 1_000; // ms

/** Returns the current time. It updates every second while `counting`, else every minute. */
export function useNow(counting: boolean): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    if (counting) setNow(new Date()); // the shown time may be a minute old
    const timer = setInterval(() => setNow(new Date()), counting ? second : 60 * second);
    return () => clearInterval(timer);
  }, [counting]);
  return now;
}
