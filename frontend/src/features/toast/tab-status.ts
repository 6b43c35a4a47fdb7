import { isLive, statusNames } from '@/jobs/status';
import { type TabJob, type Toast, toastOf } from './toast';

/** What the browser's tab shows about the admin's export. */
export interface TabStatus {
  /** The part of the title that stands before the page's: "41%", "Export complete!". */
  words: string;
  kind: Toast['kind'];
  /** 0 to 100; null while it is unknown. */
  percent: number | null;
}

/**
 * Returns the status of the admin's newest live export, else that of the export that ended while
 * nobody looked at the tab; null if there is neither. `jobs` are sorted, newest first.
 */
export function tabStatusOf(jobs: readonly TabJob[], unseen: string | null): TabStatus | null {
  const one = jobs.find(({ job }) => isLive(job)) ?? jobs.find(({ job }) => job.jobId === unseen);
  if (!one) return null;
  const toast = toastOf(one);
  if (toast.kind !== 'running') return { words: toast.title, kind: toast.kind, percent: null };
  const { status } = one.job;
  const waits = status === 'queued' || status === 'preparing';
  if (waits || toast.percent === null) return { words: statusNames[status], kind: 'running', percent: null };
  return { words: `${toast.percent}%`, kind: 'running', percent: toast.percent };
}
