import { useEffect, useEffectEvent, useRef, useState, useSyncExternalStore } from 'react';
import { isLive } from '@/jobs/status';
import { onUnseenEnd, type UnseenEnd } from '@/jobs/unseen-end';
import { setTitleStatus } from '@/shared/ui/title';
import { closeNotifications, notify } from './notifications';
import { showTabIcon, tabIcon } from './tab-icon';
import { tabStatusOf } from './tab-status';
import { type TabJob, toastOf } from './toast';

interface Props {
  /** Newest first. */
  jobs: readonly TabJob[];
  nameOf: (tenant: string) => string;
  /** Opens a job's page. */
  onOpen: (tenant: string, jobId: string) => void;
}

/**
 * TabSignals shows the progress of the admin's export in the title and the icon of the browser's
 * tab, and its end until somebody looks at the tab. If no tab is visible at the end, the browser
 * notifies. It renders nothing.
 */
export function TabSignals({ jobs, nameOf, onOpen }: Props) {
  const unseen = useUnseenEnd(jobs);
  const status = tabStatusOf(jobs, unseen);
  const words = status?.words ?? null;
  const icon = status && tabIcon(status);
  useEffect(() => setTitleStatus(words), [words]);
  useEffect(() => showTabIcon(icon), [icon]);
  useEffect(
    () => () => {
      setTitleStatus(null);
      showTabIcon(null);
      closeNotifications();
    },
    [],
  );
  useNotifications({ jobs, nameOf, onOpen });
  return null;
}

function subscribe(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener);
  return () => document.removeEventListener('visibilitychange', listener);
}

function useHidden(): boolean {
  return useSyncExternalStore(subscribe, () => document.visibilityState === 'hidden');
}

// Returns the id of the last job that this tab saw running and that ended while the tab was hidden.
function useUnseenEnd(jobs: readonly TabJob[]): string | null {
  const hidden = useHidden();
  const [unseen, setUnseen] = useState<string | null>(null);
  const running = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const ended = jobs.find(({ job }) => running.current.has(job.jobId) && !isLive(job));
    running.current = new Set(jobs.filter(({ job }) => isLive(job)).map(({ job }) => job.jobId));
    if (hidden && ended) setUnseen(ended.job.jobId);
    if (!hidden) {
      setUnseen(null);
      closeNotifications();
    }
  }, [jobs, hidden]);
  return hidden ? unseen : null;
}

// The words are those of the toast. They name no user and no filter.
function useNotifications({ jobs, nameOf, onOpen }: Props): void {
  const onEnd = useEffectEvent(({ tenant, job }: UnseenEnd) => {
    const known = jobs.find((one) => one.job.jobId === job.jobId);
    const toast = toastOf({ ...known, tenant, job });
    const notes = toast.kind === 'running' ? [] : toast.notes;
    const body = [nameOf(tenant), ...notes].join('\n');
    notify(toast.title, { body, tag: `egress-export-${job.jobId}` }, () => onOpen(tenant, job.jobId));
  });
  useEffect(() => onUnseenEnd(onEnd), []);
}
