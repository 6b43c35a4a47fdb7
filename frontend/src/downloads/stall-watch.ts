import type { Job } from '@/api/client';
import { isLive } from '@/jobs/status';

/** The input of watchStream. */
export interface Watched {
  /** Returns the job from the page's cache. */
  known: () => Job | undefined;
  /** Reads the job from the server; rejects if it does not answer. */
  ask: () => Promise<Job>;
  /** Tells the server that bytes still arrive; may reject. */
  tell: () => Promise<unknown>;
  /** Called when the stream should be given up. */
  over: () => void;
}

const checkInterval = 1_000; // ms
const quietPeriod = 15_000; // ms without a byte before the server is asked
const tellInterval = 10_000; // ms between two signs of life while the server waits for the confirmation
const patience = 120_000; // ms without a byte before a stream gives no sign of life
const maxSilences = 4; // failed requests before a silent stream is given up

/**
 * Watches a stream and calls `over` when its job has ended, or when neither bytes nor answers
 * arrive. A slow server that answers is waited for. On a slow connection the server has sent everything long before it
 * arrives, and waits: it receives a sign of life while bytes arrive. Call `arrived` when bytes arrive, and `end` to
 * stop watching.
 */
export function watchStream({ known, ask, tell, over }: Watched): { arrived: () => void; end: () => void } {
  let last = Date.now();
  let silences = 0;
  let asking = false;
  let byteAt = last;
  let toldAt = 0;
  const tellIfAwaited = () => {
    const now = Date.now();
    if (known()?.retry?.reason !== 'file_unconfirmed' || now - toldAt < tellInterval || now - byteAt >= patience)
      return;
    toldAt = now;
    tell().catch(() => {}); // told again later
  };
  const timer = setInterval(async () => {
    const job = known();
    if (job && !isLive(job)) return over();
    tellIfAwaited();
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
      byteAt = last = Date.now();
      silences = 0;
      tellIfAwaited(); // browsers call the timers of hidden tabs only once a minute
    },
    end: () => clearInterval(timer),
  };
}
