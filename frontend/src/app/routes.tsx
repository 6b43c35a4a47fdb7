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
import { isLoggedOut, type Me } from '@/api/client';
import { useConfirmationAsked } from '@/api/confirmation';
import { startTenant } from '@/api/last-tenant';
import { meQuery } from '@/api/me';
import { savedFiltersQuery } from '@/api/saved-filters';
import { mayHaveSession } from '@/api/session';
import type { Search } from '@/features/users/view/view';
import { lazyDialog } from '@/shared/ui/lazy-dialog';
import { Waiting } from '@/shared/ui/page-skeleton';
import { Wanted } from '@/shared/ui/wanted';
import { useConfirmationEscape } from './confirm/use-confirmation-escape';
import { earlyData, firstData } from './first-data';
import { CrashPage } from './frame/crash-page';
import { loginAddress } from './login/return';
import classes from './root.module.css';
import { parseSearch, stringifySearch, strings } from './search';

// Loaded when it is first shown.
const ConfirmDialog = lazyDialog(
  async () => (await import('./confirm/confirm-dialog')).ConfirmDialog,
  'The confirmation',
);

function Root() {
  const asked = useConfirmationAsked() !== null;
  useConfirmationEscape();
  return (
    <>
      <div className={classes.root}>
        <Outlet />
      </div>
      <Wanted now={asked}>
        <ConfirmDialog />
      </Wanted>
    </>
  );
}

const root = createRootRouteWithContext<{ client: QueryClient }>()({ component: Root });

async function whoIs(client: QueryClient, href: string): Promise<Me> {
  const login = redirect({ href: loginAddress(href), reloadDocument: true });
  const known = client.getQueryData(meQuery.queryKey);
  if (!known && !mayHaveSession()) throw login;
  try {
    return await client.ensureQueryData(meQuery);
  } catch (error) {
    throw isLoggedOut(error) ? login : error;
  }
}

// The start page: redirects to the users of the only tenant, or of the last opened one; otherwise the admin chooses.
const start = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: async ({ context, location }) => {
    const tenant = startTenant(await whoIs(context.client, location.href));
    if (tenant) throw redirect({ to: '/t/$tenant/users', params: { tenant }, replace: true });
  },
  component: lazyRouteComponent(() => import('./start-page'), 'StartPage'),
});

const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  beforeLoad: ({ context, location }) => whoIs(context.client, location.href).then(() => {}),
  ...earlyData<Record<never, string>, unknown>(async (client) => (await import('./account-page')).loadAccount(client)),
  component: lazyRouteComponent(() => import('./account-page'), 'AccountPage'),
});

const tenant = createRoute({
  getParentRoute: () => root,
  path: '/t/$tenant',
  beforeLoad: async ({ context, location, params }) => {
    const me = await whoIs(context.client, location.href);
    if (!me.tenants.some(({ id }) => id === params.tenant)) throw notFound();
  },
  component: lazyRouteComponent(() => import('./frame/frame'), 'TenantFrame'),
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
  validateSearch: strings('store', 'filter', 'search', 'sort', 'cursor', 'page', 'user', 'limit', 'saved', 'dialog'),
  // The link of a saved filter becomes that of its conditions. If the filter does not exist, the screen says so.
  beforeLoad: async ({ context, params, location }) => {
    const { saved, ...search }: Search = location.search;
    if (!saved) return;
    const filters = await context.client.fetchQuery(savedFiltersQuery(params.tenant));
    const found = filters.find(({ id }) => id === saved);
    if (!found) return;
    const filter = JSON.stringify(found.filter);
    throw redirect({ to: '/t/$tenant/users', params, search: { ...search, filter }, replace: true });
  },
  ...earlyData(async (client, { tenant }: { tenant: string }, search: Search) => {
    if (search.saved) return; // its conditions are not known yet
    await (await import('@/features/users/load-users')).loadUsers(client, tenant, search);
  }),
  component: lazyRouteComponent(() => import('./users-page'), 'UsersPage'),
});

const exports = createRoute({
  getParentRoute: () => tenant,
  path: '/exports',
  validateSearch: strings('status', 'requester', 'search', 'from', 'to'),
  ...earlyData(async (client, { tenant }: { tenant: string }, search: Record<string, string>) =>
    (await import('@/features/exports/list/exports-page')).loadExports(client, tenant, search),
  ),
  component: lazyRouteComponent(() => import('@/features/exports/list/exports-page'), 'ExportsPage'),
});

const job = createRoute({
  getParentRoute: () => tenant,
  path: '/exports/$jobId',
  ...earlyData(async (client, { tenant, jobId }: { tenant: string; jobId: string }) =>
    (await import('@/features/exports/detail/job-page')).loadJob(client, tenant, jobId),
  ),
  component: lazyRouteComponent(() => import('@/features/exports/detail/job-page'), 'JobPage'),
});

const settings = createRoute({
  getParentRoute: () => tenant,
  path: '/settings',
  ...earlyData(async (client, { tenant }: { tenant: string }) =>
    (await import('@/features/settings/settings-page')).loadSettings(client, tenant),
  ),
  component: lazyRouteComponent(() => import('@/features/settings/settings-page'), 'SettingsPage'),
});

const keyPairs = createRoute({
  getParentRoute: () => tenant,
  path: '/key-pairs',
  ...firstData(async (client, { tenant }: { tenant: string }) =>
    (await import('@/features/key-pairs/key-pairs-page')).loadKeyPairs(client, tenant),
  ),
  component: lazyRouteComponent(() => import('@/features/key-pairs/key-pairs-page'), 'KeyPairsPage'),
});

const members = createRoute({
  getParentRoute: () => tenant,
  path: '/members',
  ...firstData(async (client, { tenant }: { tenant: string }) =>
    (await import('@/features/members/members-page')).loadMembers(client, tenant),
  ),
  component: lazyRouteComponent(() => import('@/features/members/members-page'), 'MembersPage'),
});

// The former address of the Members page.
const admins = createRoute({
  getParentRoute: () => tenant,
  path: '/admins',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/t/$tenant/members', params, replace: true });
  },
});

const auditLog = createRoute({
  getParentRoute: () => tenant,
  path: '/audit-log',
  validateSearch: strings('what', 'search', 'from', 'to'),
  ...firstData(async (client, { tenant }: { tenant: string }, search: Record<string, string>) =>
    (await import('@/features/audit-log/audit-log-page')).loadAuditLog(client, tenant, search),
  ),
  component: lazyRouteComponent(() => import('@/features/audit-log/audit-log-page'), 'AuditLogPage'),
});

const outbox = createRoute({
  getParentRoute: () => tenant,
  path: '/outbox',
  validateSearch: strings('mail'),
  ...firstData(async (client, { tenant }: { tenant: string }, search: Record<string, string>) =>
    (await import('@/features/outbox/outbox-page')).loadOutbox(client, tenant, search.mail),
  ),
  component: lazyRouteComponent(() => import('@/features/outbox/outbox-page'), 'OutboxPage'),
});

const tree = root.addChildren([
  start,
  account,
  tenant.addChildren([tenantStart, users, exports, job, outbox, keyPairs, members, admins, settings, auditLog]),
]);

/** Creates the router of the console. Search parameters are plain strings, so that addresses stay readable. */
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
    defaultNotFoundComponent: lazyRouteComponent(() => import('./not-found-page'), 'NotFoundPage'),
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
