import { useEffect, useState } from 'react';
import { ApiError } from '@/api/client';

/** Returns the remaining seconds of a countdown, and the function that starts it. */
export function useWait(): [number, (seconds: number) => void] {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1_000);
    return () => clearTimeout(timer);
  }, [left]);
  return [left, setLeft];
}

/** Returns the seconds that an error asks to wait; 0 if it does not ask. */
export function waitOf(error: unknown): number {
  return error instanceof ApiError && error.status === 429 ? (error.problem.retryAfterSeconds ?? 60) : 0;
}
