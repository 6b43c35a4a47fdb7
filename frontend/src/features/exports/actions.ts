import type { Job, Role } from '@/shared/api/client';
import { isLive } from '@/shared/jobs/words';

/** What can be done with a job, beside opening it. */
export type Action = 'cancel' | 'download' | 'download-events' | 'run-again' | 'save-manifest';

/** Who looks. */
export interface Viewer {
  email: string;
  role: Role | null;
}

/** The one action that a row shows, and what stands behind its dots. */
export interface Actions {
  main: Action | null;
  more: Action[];
}

/**
 * Says what someone may do with a job. Files have links only for those who may have them; a live job is cancelled by
 * the admin who started it, or by an owner; running again makes a new job, so that every exporter may.
 */
export function actionsOf(job: Job, viewer: Viewer): Actions {
  const all: Action[] = [];
  const exporter = viewer.role === 'owner' || viewer.role === 'exporter';
  if (isLive(job)) {
    // A key pair's job belongs to the key pair, also where the admin's address is the same.
    const own = job.origin === 'console' && job.requestedBy === viewer.email;
    if (viewer.role === 'owner' || (exporter && own)) all.push('cancel');
  } else {
    if (has(job, 'users')) all.push('download');
    if (has(job, 'state_events')) all.push('download-events');
    if (exporter) all.push('run-again');
  }
  const [main = null, ...more] = all;
  // Everyone may: it holds no more of users than the job's page does. It is nobody's first wish.
  if (job.files.some(({ kind }) => kind === 'users')) more.push('save-manifest');
  return { main, more };
}

function has(job: Job, kind: 'users' | 'state_events'): boolean {
  return job.files.some((file) => file.kind === kind && file.downloadUrl !== null);
}

/** Reports whether a finished file is kept from this viewer. */
export function isBarred(job: Job): boolean {
  const kept = job.status === 'completed' || job.status === 'completed_with_errors';
  return kept && job.mode === 'async' && job.files.length > 0 && job.files.every((file) => file.downloadUrl === null);
}
