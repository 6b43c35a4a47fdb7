import type { Job } from '@/shared/api/client';
import { clockUtc, count, duration } from '@/shared/ui/format';

const fewest = 8; // samples from which a picture says more than a number

/** How fast a job's rows came, as it is drawn. */
export interface Speeds {
  /** Of each sample, its share of the fastest one; null where no attempt was at work. */
  cells: readonly (number | null)[];
  /** "about 1,673 rows/s on average · 1,980 at most". */
  words: string;
  /** "about 9 s of pause", or empty. */
  pause: string;
  from: string;
  to: string;
}

/** Judges the samples; null where there are too few. The last one may not be full, so that no speed is taken from it. */
export function speedsOf({
  progress: { throughput },
  completedAt,
}: Pick<Job, 'progress' | 'completedAt'>): Speeds | null {
  if (!throughput || throughput.rows.length < fewest) return null;
  const { rows, intervalMs, from } = throughput;
  const full = rows.slice(0, -1).filter((n) => n !== null);
  const most = Math.max(...full);
  if (most <= 0) return null;
  const perSecond = (n: number) => count(Math.round((n * 1_000) / intervalMs));
  const sum = full.reduce((a, b) => a + b, 0);
  const idle = rows.filter((n) => n === null).length * intervalMs;
  const end = Date.parse(from) + rows.length * intervalMs;
  return {
    cells: rows.map((n) => n && Math.min(1, n / most)),
    words: `about ${perSecond(sum / full.length)} rows/s on average · ${perSecond(most)} at most`,
    pause: idle ? `about ${duration(Math.max(1, idle / 1_000))} of pause` : '',
    from: clockUtc(from),
    to: clockUtc(new Date(completedAt ? Math.min(end, Date.parse(completedAt)) : end)),
  };
}
