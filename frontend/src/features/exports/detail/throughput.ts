import type { Job } from '@/api/client';
import { clockUtc, count, duration } from '@/shared/ui/format';

const minSamples = 8; // samples; with fewer, a chart says no more than a number

/** A job's throughput, ready to draw. */
export interface Speeds {
  /** Each sample as a share of the fastest one, 0 to 1; null while no attempt ran. */
  cells: readonly (number | null)[];
  /** "about 1,673 rows/s on average · 1,980 at most". */
  words: string;
  /** "paused for about 9 s", or empty. */
  pause: string;
  from: string;
  to: string;
}

/**
 * Computes the throughput; null for too few samples. The last sample may be incomplete, so no speed
 * uses it.
 */
export function speedsOf({
  progress: { throughput },
  completedAt,
}: Pick<Job, 'progress' | 'completedAt'>): Speeds | null {
  if (!throughput || throughput.rows.length < minSamples) return null;
  const { rows, intervalMs, from } = throughput;
  const full = rows.slice(0, -1).filter((n) => n !== null);
  const fastest = Math.max(...full);
  if (fastest <= 0) return null;
  const perSecond = (n: number) => count(Math.round((n * 1_000) / intervalMs));
  const sum = full.reduce((a, b) => a + b, 0);
  const idle = rows.filter((n) => n === null).length * intervalMs;
  const end = Date.parse(from) + rows.length * intervalMs;
  return {
    cells: rows.map((n) => n && Math.min(1, n / fastest)),
    words: `about ${perSecond(sum / full.length)} rows/s on average · ${perSecond(fastest)} at most`,
    pause: idle ? `paused for about ${duration(Math.max(1, idle / 1_000))}` : '',
    from: clockUtc(from),
    to: clockUtc(new Date(completedAt ? Math.min(end, Date.parse(completedAt)) : end)),
  };
}
