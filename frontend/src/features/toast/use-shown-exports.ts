import { useRouterState } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { type ShownExports, seenOn } from './stack';
import type { TabJob } from './toast';

const exportsPath = /^\/t\/([^/]+)\/exports(?:\/([^/]+))?\/?$/;

/** Returns the exports that the page at an address shows; null for any other page. */
export function shownExports(path: string): ShownExports | null {
  const [, tenant, jobId = null] = exportsPath.exec(path) ?? [];
  if (tenant === undefined) return null;
  return { tenant: decodeURIComponent(tenant), jobId: jobId && decodeURIComponent(jobId) };
}

/**
 * Returns the exports that the open page shows. Jobs that had ended when the admin opened it are
 * dismissed, unless the tab is in the background.
 */
export function useShownExports(
  jobs: readonly TabJob[],
  dismissed: ReadonlySet<string>,
  dismiss: (jobIds: readonly string[]) => void,
): ShownExports | null {
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const [opened, setOpened] = useState(() => ({ path, at: Date.now() }));
  if (opened.path !== path) setOpened({ path, at: Date.now() });
  const { at } = opened;
  useEffect(() => {
    const page = shownExports(path);
    if (!page || document.visibilityState === 'hidden') return;
    const seen = seenOn(page, at, jobs).filter((id) => !dismissed.has(id));
    if (seen.length > 0) dismiss(seen);
  }, [path, at, jobs, dismissed, dismiss]);
  return shownExports(path);
}
