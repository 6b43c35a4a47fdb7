import type { Job, Role } from '@/api/client';
import { isLive } from '@/jobs/status';

/** An action on a job, other than opening it. */
export type Action = 'cancel' | 'download' | 'download-events' | 'run-again' | 'save-manifest';

/** The admin who looks at the job. */
export interface Viewer {
  email: string;
  role: Role | null;
}

/** The action that a row shows as a button, and the actions in its menu. */
export interface Actions {
  main: Action | null;
  more: Action[];
}

/**
 * Returns the actions that the viewer may take. The server sends download links only to those who
 * may download. The admin who started a live job and every owner may cancel it. Running again
 * creates a new job, so every exporter may.
 */
export function actionsOf(job: Job, viewer: Viewer): Actions {
  const all: Action[] = [];
  const exporter = viewer.role === 'owner' || viewer.role === 'exporter';
  if (isLive(job)) {
    // A job started with a key pair belongs to the key pair, even if its address is the viewer's.
    const own = job.origin === 'console' && job.requestedBy === viewer.email;
    if (viewer.role === 'owner' || (exporter && own)) all.push('cancel');
  } else {
    if (hasLink(job, 'users')) all.push('download');
    if (hasLink(job, 'state_events')) all.push('download-events');
    if (exporter) all.push('run-again');
  }
  const [main = null, ...more] = all;
  // Everyone may save the manifest: it holds no more user data than the job's page. It is never the
  // main action.
  if (job.files.some(({ kind }) => kind === 'users')) more.push('save-manifest');
  return { main, more };
}

function hasLink(job: Job, kind: 'users' | 'state_events'): boolean {
  return job.files.some((file) => file.kind === kind && file.downloadUrl !== null);
}

/** Reports whether the job has files that this viewer may not download. */
export function isDownloadForbidden(job: Job): boolean {
  const kept = job.status === 'completed' || job.status === 'completed_with_errors';
  return kept && job.mode === 'async' && job.files.length > 0 && job.files.every((file) => file.downloadUrl === null);
}
