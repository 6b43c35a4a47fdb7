import type { Job } from '@/shared/api/client';
import { isLive } from '@/shared/jobs/words';

/** What a watch looks at. */
export interface Watched {
  /** The job as this page knows it. */
  known: () => Job | undefined;
  /** Asks for it; rejects where nobody answers. */
  ask: () => Promise<Job>;
  /** There is nothing more to wait for. */
  over: () => void;
}

const look = 1_000; // ms
const quiet = 15_000; // ms without a byte before the server is asked
const most = 4; // times that nobody answers before a silent stream is given up

/**
 * Looks after a stream: it is over when its job has ended, told by whatever way, and when neither bytes nor the server
 * come any more. A server that is only slow is waited for. Returns what to call when bytes come, and what ends the watch.
 */
export function watchStream({ known, ask, over }: Watched): { arrived: () => void; end: () => void } {
  let last = Date.now();
  let silent = 0;
  let asking = false;
  const timer = setInterval(async () => {
    const job = known();
    if (job && !isLive(job)) return over();
    if (asking || Date.now() - last < quiet * (silent + 1)) return;
    asking = true;
    try {
      if (!isLive(await ask())) return over();
      last = Date.now();
      silent = 0;
    } catch {
      silent += 1;
      if (silent >= most) over();
    } finally {
      asking = false;
    }
  }, look);
  return {
    arrived: () => {
      last = Date.now();
      silent = 0;
    },
    end: () => clearInterval(timer),
  };
}
