import { onSessionOver } from '@/shared/api/session';
import { allDownloads, allRuns, isStarting, putDownload } from './store';

let guarded = false;

/**
 * Ties what this tab streams to the tab's own life: closing it asks first, then cancels at once; a session that ends, or is
 * left, ends the streams too.
 */
export function guardTab(): void {
  if (guarded) return;
  guarded = true;
  addEventListener('beforeunload', (event) => {
    if (!isBusy()) return;
    event.preventDefault();
    event.returnValue = true; // older browsers
  });
  addEventListener('pagehide', () => {
    for (const run of allRuns().values()) {
      void run.cancel(); // the call outlives the page
      run.stop();
    }
  });
  onSessionOver((how) => {
    for (const run of allRuns().values()) run.stop(how === 'ended' ? 'Your session has ended.' : undefined);
    if (how === 'left') forgetAll();
  });
}

/** Reports whether closing the tab would lose something: a file that comes, or one that is not saved yet. */
export function isBusy(): boolean {
  const unsaved = [...allDownloads().values()].some(({ offers }) => offers.some(({ saved }) => !saved));
  return allRuns().size > 0 || isStarting().size > 0 || unsaved;
}

// Whoever comes next is not to find the files of the one before.
function forgetAll(): void {
  for (const { jobId, offers } of allDownloads().values()) {
    for (const { drop } of offers) drop();
    putDownload(jobId, null);
  }
}
