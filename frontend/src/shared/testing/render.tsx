import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterContextProvider,
  RouterProvider,
} from '@tanstack/react-router';
import { type RenderOptions, render } from '@testing-library/react';
import type { ReactElement, ReactNode } from 'react';
import { theme } from '@/shared/theme/theme';

/** A cache for one test: nothing is tried again, nothing goes stale by itself. */
export function testClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: false, staleTime: Number.POSITIVE_INFINITY, gcTime: Number.POSITIVE_INFINITY },
    },
  });
}

interface Options extends Omit<RenderOptions, 'wrapper'> {
  client?: QueryClient;
  /** The address, for what reads or makes links. */
  at?: string;
  /** It is the page at that address: it reads the address itself, and comes once that is known. */
  page?: boolean;
}

/**
 * Renders what is given as the console would: theme without transitions, cache, and a router whose
 * routes show nothing.
 */
export function renderUi(
  ui: ReactElement,
  { client = testClient(), at = '/t/meridian/users', page = false, ...rest }: Options = {},
) {
  const root = createRootRoute({ component: Outlet });
  const paths = [
    '/',
    '/account',
    '/t/$tenant/users',
    '/t/$tenant/exports',
    '/t/$tenant/exports/$jobId',
    '/t/$tenant/outbox',
    '/t/$tenant/members',
    '/t/$tenant/key-pairs',
    '/t/$tenant/audit-log',
    '/t/$tenant/settings',
  ];
  const tree = root.addChildren(
    paths.map((path) =>
      createRoute({ getParentRoute: () => root, path, ...(page && path !== '/' && { component: () => ui }) }),
    ),
  );
  const router = createRouter({ routeTree: tree, history: createMemoryHistory({ initialEntries: [at] }) });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <MantineProvider theme={theme} withCssVariables={false} env="test">
      <QueryClientProvider client={client}>
        {page ? children : <RouterContextProvider router={router}>{children}</RouterContextProvider>}
      </QueryClientProvider>
    </MantineProvider>
  );
  return { client, router, ...render(page ? <RouterProvider router={router} /> : ui, { wrapper, ...rest }) };
}
