import type { Definition, Job, Role } from '@/api/client';
import { isLive } from '@/jobs/status';

/** An action on a job, other than opening it. */
export type Action = 'cancel' | 'download' | 'download-events' | 'run-again' | 'run-events-again' | 'save-manifest';

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
 * Returns the actions that the viewer may take. The server sends the addresses of files only to
 * those who may download. The admin who started a live job and every owner may cancel it. Running again
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
    if (isDownloadable(job, 'users')) all.push('download');
    if (isDownloadable(job, 'state_events')) all.push('download-events');
    if (exporter) all.push('run-again');
    if (exporter && lacksEvents(job)) all.push('run-events-again');
  }
  const [main = null, ...more] = all;
  // Everyone may save the manifest: it holds no more user data than the job's page. It is never the
  // main action.
  if (job.files.some(({ kind }) => kind === 'users')) more.push('save-manifest');
  return { main, more };
}

function isDownloadable(job: Job, kind: 'users' | 'state_events'): boolean {
  return job.files.some((file) => file.kind === kind && file.fileUrl !== null);
}

/**
 * Reports whether only the state events of a job are missing, and a definition of them alone selects the same users:
 * profiles can restrict the users, and only a definition with a users file has them.
 */
function lacksEvents({ outcome, definition: { include, stateEvents }, files }: Job): boolean {
  const has = files.some(({ kind }) => kind === 'state_events');
  const profiles = include.extendedProfiles;
  const restricted = Boolean(profiles && (profiles.onlyMatching || !include.attributes));
  return outcome === 'completed_with_errors' && Boolean(stateEvents) && !has && !restricted;
}

/** Returns a definition of the state events alone, of the same users and period. */
export function eventsAlone({ definition }: Job): Definition {
  return { ...definition, include: { attributes: false, extendedProfiles: null, foreignKeys: false, grants: false } };
}

/** Reports whether the job has files that this viewer may not download. */
export function isDownloadForbidden(job: Job): boolean {
  const kept = job.status === 'completed' || job.status === 'completed_with_errors';
  return kept && job.mode === 'async' && job.files.length > 0 && job.files.every((file) => file.fileUrl === null);
}
