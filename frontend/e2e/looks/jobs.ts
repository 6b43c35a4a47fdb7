import type { Page } from '@playwright/test';
import { expect } from '../egress';
import { exportOverApi, setFeatures } from '../steps';
import { answer, type State, visit } from './walk';

interface Job {
  jobId: string;
  status: string;
  files: object[];
  progress: { users: object };
  [member: string]: unknown;
}

const retry = (seconds: number) => ({
  reason: 'storage_unavailable',
  message: 'The file storage is not responding.',
  at: new Date(Date.now() + seconds * 1_000).toISOString(),
  attempt: 4,
  of: 10,
});
const bytes = {
  bytes: 14_000_000,
  bytesTotal: 48_000_000,
  rows: 18_000,
  rowsTotal: 61_904,
  users: 14_000,
  usersTotal: 48_000,
};

/** Runs one export with state events. Returns its job, from which the states of other jobs are made. */
export async function completeJob(page: Page): Promise<Job> {
  await setFeatures(page, { async: true, events: true });
  const { job } = await exportOverApi(page, {
    include: { attributes: true, grants: true, extendedProfiles: { appIds: null, onlyMatching: false } },
    stateEvents: {},
  });
  return job as unknown as Job;
}

/** The states of a job, made from one that is complete. */
export function variants(job: Job): Record<string, Job> {
  const ended = { ...job, version: Number(job.version) + 1_000 }; // newer than the one that the page knows
  const live = {
    ...ended,
    outcome: null,
    completedAt: null,
    expiresAt: null,
    files: [],
    downloadUrl: null,
    mail: null,
    startedAt: new Date(Date.now() - 40_000).toISOString(),
  };
  const progress = { ...job.progress, phase: 'downloading', percent: 29, rowsPerSecond: 450, etaSeconds: 97 };
  const running = {
    ...live,
    status: 'downloading',
    progress: { ...progress, users: { ...job.progress.users, ...bytes } },
  };
  const none = { files: [], downloadUrl: null };
  const failure = { code: 'storage_unavailable', message: 'The file storage did not answer.' };
  const gone = job.files.map((file) => ({ ...file, fileUrl: null, downloadUrl: null, downloadUrlExpiresAt: null }));
  return {
    queued: { ...live, status: 'queued', startedAt: null, queuePosition: 2 },
    preparing: { ...live, status: 'preparing' },
    running,
    'running in another tab': { ...running, mode: 'sync' },
    'running with state events': { ...running, status: 'downloading_state_events' },
    waiting: { ...running, retry: retry(600) },
    retrying: { ...running, retry: retry(-1) },
    completed: ended,
    saved: { ...ended, ...none, mode: 'sync', files: gone },
    'failed in part': {
      ...ended,
      status: 'completed_with_errors',
      outcome: 'completed_with_errors',
      files: job.files.slice(0, 1),
      error: failure,
    },
    failed: { ...ended, ...none, status: 'failed', outcome: 'failed', error: failure },
    cancelled: {
      ...ended,
      ...none,
      status: 'cancelled',
      outcome: 'cancelled',
      cancelReason: 'tab_closed',
      mode: 'sync',
    },
    expired: { ...ended, status: 'expired', files: gone, downloadUrl: null },
  };
}

/** The page of each state of a job. */
export function jobPages(job: Job): State[] {
  return Object.entries(variants(job)).map(([name, one]) => ({
    name: `the page of a job: ${name}`,
    open: async (page) => {
      await answer(page, `**/v4/user-export-jobs/${job.jobId}*`, one);
      await visit(page, `exports/${job.jobId}`);
      await expect(page.locator(`[data-status="${one.status}"]`).first()).toBeVisible();
    },
  }));
}

/** Answers with these jobs as the newest ones of the admin, which have toasts. */
export async function live(page: Page, jobs: Job[], path = 'settings'): Promise<void> {
  const results = jobs.map((job, i) => ({ ...job, jobId: `${job.jobId.slice(0, -1)}${i}` }));
  await answer(page, '**/v4/user-export-jobs?*', { results: results.toReversed(), next: null });
  await page.evaluate('localStorage.clear(); localStorage.setItem("egress-session", "begun")');
  await visit(page, path);
}
