import { Affix } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useRouter } from '@tanstack/react-router';
import { type RefCallback, useCallback, useRef, useState } from 'react';
import { tenantName, useMe } from '@/api/me';
import { useDownloads, useStarting } from '@/downloads/store';
import { useLiveJobs } from '@/jobs/live';
import { isLive } from '@/jobs/status';
import { lazyPart } from '@/shared/lazy-part';
import { Wanted } from '@/shared/ui/wanted';
import { useAnnouncement } from './announcement';
import { useDismissed } from './dismissed';
import { FoldedToasts } from './folded-toasts';
import { stackOf } from './stack';
import { ToastCard } from './toast-card';
import classes from './toast-stack.module.css';
import { useRegionFocus } from './use-region-focus';
import { useShownExports } from './use-shown-exports';

/** Where the toasts would cover much of the page: there is one card, across the bottom edge. */
const compactScreen = '(max-width: 767px), (max-height: 599px)';

// Loaded when the first export runs. Toasts are shown without it until then.
const TabSignals = lazyPart(async () => (await import('./tab-signals')).TabSignals);

/**
 * ToastStack shows this admin's exports at the bottom right, in every tab, until they are used or
 * dismissed.
 */
export function ToastStack() {
  const me = useMe().data;
  const router = useRouter();
  const downloads = useDownloads();
  const starting = useStarting();
  const jobs = useLiveJobs().map((one) => ({
    ...one,
    download: downloads.get(one.job.jobId),
    starting: starting.has(one.tenant),
  }));
  const [openedAt] = useState(Date.now);
  const { dismissed, dismiss } = useDismissed(me?.user_id ?? '');
  const page = useShownExports(jobs, dismissed, dismiss);
  const compact = useMediaQuery(compactScreen, false, { getInitialValueInEffect: false });
  const stack = stackOf(me ? jobs : [], { dismissed, openedAt, page, compact });
  const { shown, named } = stack;
  const nameOf = (tenant: string) => tenantName(me, tenant);
  const news = useAnnouncement(jobs, nameOf);
  const region = useRef<HTMLElement>(null);
  const { holdsFocus, leave } = useRegionFocus(region);
  const measure = useToastSpace();

  function openJob(tenant: string, jobId: string): void {
    void router.navigate({ to: '/t/$tenant/exports/$jobId', params: { tenant, jobId } });
  }

  function close(jobIds: readonly string[]): void {
    // The pressed button disappears. The focus moves to the other toasts, or back to the page after
    // the last one.
    if (holdsFocus()) {
      const staying = shown.some(({ job }) => !jobIds.includes(job.jobId));
      if (staying || stack.dismissible.some((id) => !jobIds.includes(id))) region.current?.focus();
      else leave();
    }
    dismiss([...jobIds, ...stack.passing]);
  }

  return (
    <>
      <p className="unseen" role="status" aria-live="polite">
        {news}
      </p>
      <Wanted now={me !== undefined && jobs.some(({ job }) => isLive(job))}>
        <TabSignals jobs={jobs} nameOf={nameOf} onOpen={openJob} />
      </Wanted>
      {shown.length > 0 && (
        <Affix className={classes.affix ?? ''} position={{ bottom: 0, right: 0 }} zIndex={150}>
          <section
            ref={region}
            className={classes.stack}
            aria-label="Your exports"
            aria-keyshortcuts="F6"
            data-compact={compact || undefined}
            tabIndex={-1}
          >
            <div ref={measure} className={classes.toasts}>
              <FoldedToasts stack={stack} onDismissAll={() => close(stack.dismissible)} />
              {shown.map((toast) => (
                <ToastCard
                  key={toast.job.jobId}
                  toast={toast}
                  over={named ? tenantName(me, toast.tenant) : undefined}
                  onDismiss={close}
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
