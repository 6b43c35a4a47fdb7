import { Affix } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { tenantName, useMe } from '@/shared/api/me';
import { useDownloads, useStarting } from '@/shared/downloads/store';
import { useLiveJobs } from '@/shared/jobs/live';
import { useDismissed } from './dismissed';
import { stackOf } from './toast';
import { ToastCard } from './toast-card';
import classes from './toast-stack.module.css';
import { useNews } from './use-news';
import { useRegionKey } from './use-region-key';
import { useToastSpace } from './use-toast-space';

/** This admin's exports at the bottom right: in every tab, after every reload, until they are used or dismissed. */
export function ToastStack() {
  const me = useMe().data;
  const downloads = useDownloads();
  const starting = useStarting();
  const jobs = useLiveJobs().map((one) => ({
    ...one,
    download: downloads.get(one.job.jobId),
    starting: starting.has(one.tenant),
  }));
  const [openedAt] = useState(Date.now);
  const { dismissed, dismiss } = useDismissed(me?.user_id ?? '');
  const { shown, more, named } = me ? stackOf(jobs, dismissed, openedAt) : stackOf([], dismissed, openedAt);
  const news = useNews(jobs, (tenant) => tenantName(me, tenant));
  const region = useRef<HTMLElement>(null);
  const leave = useRegionKey(region);
  const measure = useToastSpace();
  const last = shown.at(-1);

  function putAway(jobId: string): void {
    // The button that was pressed goes: whoever uses the keyboard stays with the rest, or goes back to the page.
    if (region.current?.contains(document.activeElement)) {
      if (shown.length > 1) region.current.focus();
      else leave();
    }
    dismiss(jobId);
  }

  return (
    <>
      <p className="unseen" role="status" aria-live="polite">
        {news}
      </p>
      {last && (
        <Affix className={classes.affix ?? ''} position={{ bottom: 0, right: 0 }} zIndex={150}>
          <section
            ref={region}
            className={classes.stack}
            aria-label="Your exports"
            aria-keyshortcuts="F6"
            tabIndex={-1}
          >
            <div ref={measure} className={classes.toasts}>
              {more > 0 && (
                <Link className={classes.more} to="/t/$tenant/exports" params={{ tenant: last.tenant }}>
                  {more} more
                </Link>
              )}
              {shown.map((toast) => (
                <ToastCard
                  key={toast.job.jobId}
                  toast={toast}
                  over={named ? tenantName(me, toast.tenant) : undefined}
                  onDismiss={putAway}
                />
              ))}
            </div>
          </section>
        </Affix>
      )}
    </>
  );
}
