import { notificationsStore, useNotifications } from '@mantine/notifications';
import { CatchBoundary, Outlet, useParams, useRouter } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { useLastTenant } from '@/api/last-tenant';
import { useMe, useMembership } from '@/api/me';
import { useStarting } from '@/downloads/store';
import { LiveJobsProvider, useLiveJobs } from '@/jobs/live';
import { lazyPart } from '@/shared/lazy-part';
import { lazyDialog } from '@/shared/ui/lazy-dialog';
import { Waiting } from '@/shared/ui/page-skeleton';
import { Wanted } from '@/shared/ui/wanted';
import { PaletteKeys } from '../palette/palette-keys';
import type { Opened } from '../palette/use-palette-keys';
import { BareFrame } from './bare-frame';
import { CrashPage } from './crash-page';
import classes from './frame.module.css';
import { NavigationPanel } from './navigation-panel';
import { OfflineBanner } from './offline-banner';
import { PhoneHeader } from './phone-header';
import { SessionGuard } from './session-guard';

// Loaded when they are first shown.
const Acknowledgements = lazyPart(async () => (await import('./acknowledgements')).default);

const NavigationDrawer = lazyDialog(async () => (await import('./navigation-drawer')).NavigationDrawer, 'The menu');

const FactorRequiredPage = lazyPart(async () => (await import('./factor-required-page')).FactorRequiredPage, {
  before: Waiting,
});

// Loaded when an export is started or found, so that its region is on the page before it speaks.
const ToastStack = lazyPart(async () => (await import('@/features/toast/toast-stack')).ToastStack);

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
        <FactorRequiredPage tenant={tenant} />
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
  const [menu, setMenu] = useState(false);
  const [palette, setPalette] = useState<Opened>(null);
  const openPalette = () => setPalette('palette');
  const { notifications } = useNotifications(notificationsStore);
  useFocusOnNavigation();
  useStorageCleanup();
  return (
    <LiveJobsProvider tenant={tenant}>
      <a className={classes.skip} href={`#${sheet}`}>
        Skip to content
      </a>
      <div className={classes.frame}>
        <header className={classes.header}>
          <PhoneHeader tenant={tenant} onMenu={() => setMenu(true)} menuOpened={menu} />
        </header>
        <nav className={classes.navigation} aria-label="Main">
          <NavigationPanel tenant={tenant} onPalette={openPalette} />
        </nav>
        <main className={classes.main} id={sheet} tabIndex={-1}>
          <div className={classes.sheet} id="sheet-scroller">
            <OfflineBanner />
            <CatchBoundary getResetKey={() => tenant} errorComponent={CrashPage}>
              {children}
            </CatchBoundary>
          </div>
        </main>
      </div>
      <Wanted now={menu}>
        <NavigationDrawer tenant={tenant} opened={menu} onClose={() => setMenu(false)} onPalette={openPalette} />
      </Wanted>
      <Wanted now={notifications.length > 0}>
        <Acknowledgements />
      </Wanted>
      <CatchBoundary getResetKey={() => tenant} errorComponent={() => null}>
        <Toasts />
      </CatchBoundary>
      <PaletteKeys tenant={tenant} opened={palette} onChange={setPalette} />
      <SessionGuard />
    </LiveJobsProvider>
  );
}

function Toasts() {
  const exporting = useStarting().size > 0;
  const found = useLiveJobs().length > 0;
  return (
    <Wanted now={exporting || found}>
      <ToastStack />
    </Wanted>
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
