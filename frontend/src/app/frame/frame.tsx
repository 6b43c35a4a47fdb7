import { AppShell } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { CatchBoundary, Outlet, useParams, useRouter } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useEffect } from 'react';
import { useLastTenant } from '@/api/last-tenant';
import { useMe, useMembership } from '@/api/me';
import { ToastStack } from '@/features/toast/toast-stack';
import { LiveJobsProvider } from '@/jobs/live';
import { Waiting } from '@/shared/ui/page-skeleton';
import { Wanted } from '@/shared/ui/wanted';
import { PaletteKeys } from '../palette/palette-keys';
import { BareFrame } from './bare-frame';
import { CrashPage } from './crash-page';
import classes from './frame.module.css';
import { NavigationPanel } from './navigation-panel';
import { OfflineBanner } from './offline-banner';
import { PhoneHeader } from './phone-header';
import { SessionGuard } from './session-guard';

// Loaded when they are first shown.
const NavigationDrawer = lazy(async () => ({ default: (await import('./navigation-drawer')).NavigationDrawer }));

const FactorRequiredPage = lazy(async () => ({
  default: (await import('./factor-required-page')).FactorRequiredPage,
}));

const sheet = 'sheet';
const cleanupDelay = 5_000; // ms: the first page loads first

/** The pages of a tenant in their frame, or a notice if the tenant requires a second factor that is missing. */
export function TenantFrame() {
  const { tenant } = useParams({ from: '/t/$tenant' });
  const missing = useMembership(tenant)?.secondFactorMissing ?? false;
  useLostAccess(tenant);
  useLastTenant(tenant);
  if (missing) {
    return (
      <BareFrame tenant={tenant}>
        <Suspense fallback={<Waiting />}>
          <FactorRequiredPage tenant={tenant} />
        </Suspense>
      </BareFrame>
    );
  }
  return (
    <Frame tenant={tenant}>
      {/* The key resets the state of the pages when the tenant changes. */}
      <Outlet key={tenant} />
    </Frame>
  );
}

/** The frame of every page of a tenant, and of the account page opened from one. */
export function Frame({ tenant, children }: { tenant: string; children: ReactNode }) {
  const [menu, { open, close }] = useDisclosure(false);
  useFocusOnNavigation();
  useStorageCleanup();
  return (
    <LiveJobsProvider tenant={tenant}>
      <a className={classes.skip} href={`#${sheet}`}>
        Skip to content
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
              {children}
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
      <PaletteKeys tenant={tenant} />
      <SessionGuard />
    </LiveJobsProvider>
  );
}

// Reloads the routes when the admin has lost access to the tenant: the route then answers with the not-found page.
function useLostAccess(tenant: string) {
  const router = useRouter();
  const me = useMe().data;
  const lostAccess = me !== undefined && !me.tenants.some(({ id }) => id === tenant);
  useEffect(() => {
    if (lostAccess) void router.invalidate();
  }, [lostAccess, router]);
}

// Removes the temporary files of crashed tabs from this browser's storage.
function useStorageCleanup() {
  useEffect(() => {
    const look = async () => (await import('@/downloads/opfs-cleanup')).removeLeftovers();
    const timer = setTimeout(() => void look().catch(() => {}), cleanupDelay);
    return () => clearTimeout(timer);
  }, []);
}

// Focuses the title of a new page: screen readers announce it, and Tab continues from there.
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
