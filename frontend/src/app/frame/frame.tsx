import { AppShell } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { CatchBoundary, Outlet, useParams, useRouter } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { ToastStack } from '@/features/toast/toast-stack';
import { useMe } from '@/shared/api/me';
import { useSessionEnded } from '@/shared/api/session';
import { LiveJobsProvider } from '@/shared/jobs/live';
import { CrashPage } from '../crash-page';
import classes from './frame.module.css';
import { NavigationPanel } from './navigation-panel';
import { OfflineBanner } from './offline-banner';
import { PhoneHeader } from './phone-header';

// Loaded when they are first wanted.
const SessionDialog = lazy(async () => ({ default: (await import('../login/session-dialog')).SessionDialog }));
const NavigationDrawer = lazy(async () => ({ default: (await import('./navigation-drawer')).NavigationDrawer }));

const sheet = 'sheet';
const settled = 5_000; // ms: the first page goes first

/** What stands around every page of a tenant. */
export function Frame() {
  const { tenant } = useParams({ from: '/t/$tenant' });
  const [menu, { open, close }] = useDisclosure(false);
  const ended = useSessionEnded();
  useFocusOnNavigation();
  useLeftovers();
  useLeavingWithTheRole(tenant);
  return (
    <LiveJobsProvider tenant={tenant}>
      <a className={classes.skip} href={`#${sheet}`}>
        Skip to the page
      </a>
      <AppShell
        layout="alt"
        padding={0}
        header={{ height: { base: 52, sm: 0 } }}
        navbar={{ width: 224, breakpoint: 'sm', collapsed: { mobile: true } }}
        transitionDuration={0}
        classNames={{ header: classes.header ?? '', navbar: classes.navbar ?? '', main: classes.main ?? '' }}
      >
        <AppShell.Header hiddenFrom="sm" withBorder={false}>
          <PhoneHeader tenant={tenant} onMenu={open} menuOpened={menu} />
        </AppShell.Header>
        <AppShell.Navbar visibleFrom="sm" withBorder={false} aria-label="Main">
          <NavigationPanel tenant={tenant} />
        </AppShell.Navbar>
        <AppShell.Main id={sheet} tabIndex={-1}>
          <div className={classes.sheet} id="sheet-scroller">
            <OfflineBanner />
            <CatchBoundary getResetKey={() => tenant} errorComponent={CrashPage}>
              {/* Two tenants never share what a page remembers. */}
              <Outlet key={tenant} />
            </CatchBoundary>
          </div>
        </AppShell.Main>
      </AppShell>
      <Wanted now={menu}>
        <NavigationDrawer tenant={tenant} opened={menu} onClose={close} />
      </Wanted>
      <CatchBoundary getResetKey={() => tenant} errorComponent={() => null}>
        <ToastStack />
      </CatchBoundary>
      <Wanted now={ended}>
        <SessionDialog />
      </Wanted>
    </LiveJobsProvider>
  );
}

// Keeps who you are fresh while a page is open. A tenant that you may not work in any more is not found any more.
function useLeavingWithTheRole(tenant: string) {
  const router = useRouter();
  const me = useMe().data;
  const gone = me !== undefined && !me.tenants.some(({ id }) => id === tenant);
  useEffect(() => {
    if (gone) void router.invalidate();
  }, [gone, router]);
}

// Renders nothing until it is first wanted, and stays from then on, so that it can leave with its motion.
function Wanted({ now, children }: { now: boolean; children: ReactNode }) {
  const [once, setOnce] = useState(now);
  if (now && !once) setOnce(true);
  return once ? <Suspense>{children}</Suspense> : null;
}

// What a tab that crashed has left in this browser is no one's any more.
function useLeftovers() {
  useEffect(() => {
    const look = async () => (await import('@/shared/downloads/leftovers')).removeLeftovers();
    const timer = setTimeout(() => void look().catch(() => {}), settled);
    return () => clearTimeout(timer);
  }, []);
}

// Readers of a screen hear the new page's title, and Tab goes on from there.
function useFocusOnNavigation() {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe('onRendered', ({ pathChanged, fromLocation }) => {
        if (!pathChanged || !fromLocation) return;
        document.querySelector<HTMLElement>('[data-page-title]')?.focus({ preventScroll: true });
      }),
    [router],
  );
}
