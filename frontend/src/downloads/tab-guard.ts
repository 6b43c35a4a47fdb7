import { onBeforeLogout, onSessionOver } from '@/api/session';
import { allDownloads, allRuns, cancelAll, isStarting, putDownload } from './store';

let guarded = false;

/**
 * Ties this tab's streams to the tab and the session: the tab asks before it closes and cancels its
 * jobs when it does; a logout cancels them first; an ended session stops the streams. Repeated
 * calls do nothing.
 */
export function guardTab(): void {
  if (guarded) return;
  guarded = true;
  addEventListener('beforeunload', (event) => {
    if (!wouldLoseFile()) return;
    event.preventDefault();
    event.returnValue = true; // older browsers
  });
  addEventListener('pagehide', () => {
    for (const run of allRuns().values()) {
      void run.cancel({ tabClosed: true }); // the request outlives the page
      run.stop();
    }
  });
  onBeforeLogout(cancelAll);
  onSessionOver((how) => {
    for (const run of allRuns().values()) run.stop(how === 'ended' ? 'Your session has ended.' : undefined);
    if (how === 'left') removeAllFiles();
  });
}

/** Reports whether closing the tab would lose a file that is being received or is not saved yet. */
export function wouldLoseFile(): boolean {
  const unsaved = [...allDownloads().values()].some(({ offers }) => offers.some(({ saved }) => !saved));
  return allRuns().size > 0 || isStarting().size > 0 || unsaved;
}

// Removes all files after a logout, so that the next admin does not find them.
function removeAllFiles(): void {
  for (const { jobId, offers } of allDownloads().values()) {
    for (const { drop } of offers) drop();
    putDownload(jobId, null);
  }
}
