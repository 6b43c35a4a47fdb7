import { Affix } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type RefCallback, useCallback, useRef, useState } from 'react';
import { tenantName, useMe } from '@/api/me';
import { useDownloads, useStarting } from '@/downloads/store';
import { useLiveJobs } from '@/jobs/live';
import { useAnnouncement } from './announcement';
import { useDismissed } from './dismissed';
import { stackOf } from './toast';
import { ToastCard } from './toast-card';
import classes from './toast-stack.module.css';
import { useRegionKey } from './use-region-key';

/**
 * ToastStack shows this admin's exports at the bottom right, in every tab, until they are used or
 * dismissed.
 */
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
  const news = useAnnouncement(jobs, (tenant) => tenantName(me, tenant));
  const region = useRef<HTMLElement>(null);
  const leave = useRegionKey(region);
  const measure = useToastSpace();
  const last = shown.at(-1);

  function closeToast(jobId: string): void {
    // The pressed button disappears. The focus moves to the other toasts, or back to the page after
    // the last one.
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
                  onDismiss={closeToast}
                />
              ))}
            </div>
          </section>
        </Affix>
      )}
    </>
  );
}

const spaceProperty = '--toast-space';
const edge = 24; // px below the toasts

// Sets a CSS property to the height of the toasts, so that a list can end above them. Use it as the
// ref of their parent.
function useToastSpace(): RefCallback<HTMLElement> {
  return useCallback((element: HTMLElement | null) => {
    if (!element) return;
    const { style } = document.documentElement;
    const write = () => style.setProperty(spaceProperty, `${Math.ceil(element.offsetHeight) + edge}px`);
    write();
    const observer = new ResizeObserver(write);
    observer.observe(element);
    return () => {
      observer.disconnect();
      style.removeProperty(spaceProperty);
    };
  }, []);
}
