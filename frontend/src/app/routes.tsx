import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  notFound,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { isLoggedOut, type Me } from '@/shared/api/client';
import { meQuery } from '@/shared/api/me';
import { CrashPage } from './crash-page';
import { Frame } from './frame/frame';
import { NotFoundPage } from './not-found-page';
import classes from './root.module.css';
import { parseSearch, stringifySearch, strings } from './search';
import { Waiting } from './waiting';

function Root() {
  return (
    <div className={classes.root}>
      <Outlet />
    </div>
  );
}

const root = createRootRouteWithContext<{ client: QueryClient }>()({ component: Root });

async function whoIs(client: QueryClient, href: string): Promise<Me> {
  try {
    return await client.ensureQueryData(meQuery);
  } catch (error) {
    if (isLoggedOut(error)) throw redirect({ to: '/login', search: href === '/' ? {} : { return: href } });
    throw error;
  }
}

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: strings('return'),
  component: lazyRouteComponent(() => import('./login/login-page'), 'LoginPage'),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  component: lazyRouteComponent(() => import('./login/invitation-page'), 'InvitationPage'),
});

// The start: the first tenant's users, or a word to those who have no tenant.
const start = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: async ({ context, location }) => {
    const { tenant } = await whoIs(context.client, location.href);
    if (tenant) throw redirect({ to: '/t/$tenant/users', params: { tenant }, replace: true });
  },
  component: lazyRouteComponent(() => import('./no-tenant-page'), 'NoTenantPage'),
});

const tenant = createRoute({
  getParentRoute: () => root,
  path: '/t/$tenant',
  beforeLoad: async ({ context, location, params }) => {
    const me = await whoIs(context.client, location.href);
    if (!me.tenants.some(({ id }) => id === params.tenant)) throw notFound();
  },
  component: Frame,
});

const tenantStart = createRoute({
  getParentRoute: () => tenant,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/t/$tenant/users', params, replace: true });
  },
});

const users = createRoute({
  getParentRoute: () => tenant,
  path: '/users',
  validateSearch: strings('store', 'filter', 'search', 'cursor', 'page', 'user', 'limit'),
  component: lazyRouteComponent(() => import('@/features/users/users-page'), 'UsersPage'),
});

const exports = createRoute({
  getParentRoute: () => tenant,
  path: '/exports',
  validateSearch: strings('status', 'requester', 'search', 'origin'),
  component: lazyRouteComponent(() => import('@/features/exports/exports-page'), 'ExportsPage'),
});

const job = createRoute({
  getParentRoute: () => tenant,
  path: '/exports/$jobId',
  component: lazyRouteComponent(() => import('@/features/exports/job-page'), 'JobPage'),
});

const settings = createRoute({
  getParentRoute: () => tenant,
  path: '/settings',
  component: lazyRouteComponent(() => import('@/features/settings/settings-page'), 'SettingsPage'),
});

const keyPairs = createRoute({
  getParentRoute: () => tenant,
  path: '/key-pairs',
  component: lazyRouteComponent(() => import('@/features/key-pairs/key-pairs-page'), 'KeyPairsPage'),
});

const admins = createRoute({
  getParentRoute: () => tenant,
  path: '/admins',
  component: lazyRouteComponent(() => import('@/features/admins/admins-page'), 'AdminsPage'),
});

const auditLog = createRoute({
  getParentRoute: () => tenant,
  path: '/audit-log',
  validateSearch: strings('what', 'search', 'from', 'to'),
  component: lazyRouteComponent(() => import('@/features/audit-log/audit-log-page'), 'AuditLogPage'),
});

const outbox = createRoute({
  getParentRoute: () => tenant,
  path: '/outbox',
  validateSearch: strings('mail'),
  component: lazyRouteComponent(() => import('@/features/outbox/outbox-page'), 'OutboxPage'),
});

const tree = root.addChildren([
  login,
  invitation,
  start,
  tenant.addChildren([tenantStart, users, exports, job, outbox, keyPairs, admins, settings, auditLog]),
]);

/** Makes the router of the console. Search parameters are plain strings, so that an address reads as it was written. */
export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    parseSearch,
    stringifySearch,
    defaultPendingComponent: Waiting,
    defaultPendingMs: 150,
    defaultPendingMinMs: 0,
    defaultErrorComponent: CrashPage,
    defaultNotFoundComponent: NotFoundPage,
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    scrollToTopSelectors: ['#sheet-scroller'],
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
