import type { Job } from '@/api/client';
import { isLive } from '@/jobs/status';

/** The input of watchStream. */
export interface Watched {
  /** Returns the job from the page's cache. */
  known: () => Job | undefined;
  /** Reads the job from the server; rejects if it does not answer. */
  ask: () => Promise<Job>;
  /** Called when the stream should be given up. */
  over: () => void;
}

const checkInterval = 1_000; // ms
const quietPeriod = 15_000; // ms without a byte before the server is asked
const maxSilences = 4; // failed requests before a silent stream is given up

/**
 * Watches a stream and calls `over` when its job has ended, or when neither bytes nor answers
 * arrive. A slow server that answers is waited for. Call `arrived` when bytes arrive, and `end` to
 * stop watching.
 */
export function watchStream({ known, ask, over }: Watched): { arrived: () => void; end: () => void } {
  let last = Date.now();
  let silences = 0;
  let asking = false;
  const timer = setInterval(async () => {
    const job = known();
    if (job && !isLive(job)) return over();
    if (asking || Date.now() - last < quietPeriod * (silences + 1)) return;
    asking = true;
    try {
      if (!isLive(await ask())) return over();
      last = Date.now();
      silences = 0;
    } catch {
      silences += 1;
      if (silences >= maxSilences) over();
    } finally {
      asking = false;
    }
  }, checkInterval);
  return {
    arrived: () => {
      last = Date.now();
      silences = 0;
    },
    end: () => clearInterval(timer),
  };
}
