import type { QueryClient } from '@tanstack/react-query';
import type { AnyRouter } from '@tanstack/react-router';
import { mayHaveSession } from '@/api/session';

type Load<Params, Search> = (client: QueryClient, params: Params, search: Search) => Promise<unknown>;

interface Entered<Params, Search> {
  context: { client: QueryClient };
  params: Params;
  location: { search: Search };
  cause: 'preload' | 'enter' | 'stay';
}

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    /** Loads the first data of the screen before the server has said who the admin is. */
    early?: Load<{ tenant: string; jobId: string }, Record<string, string>>;
  }
}

const patience = 100; // ms

/**
 * Returns the part of a route that loads what its screen shows first. The screen is rendered once its answers are there,
 * or after 100 ms: then it shows its skeleton. Errors appear on the screen. Later changes of the view are loaded by the
 * screen itself, a touched link by the click.
 */
export function firstData<Params, Search>(load: Load<Params, Search>) {
  return {
    loader: async ({ context, params, location, cause }: Entered<Params, Search>): Promise<void> => {
      if (cause !== 'enter') return;
      const answers = load(context.client, params, location.search).catch(() => {}); // the router loads the code again
      await Promise.race([answers, new Promise((resolve) => setTimeout(resolve, patience))]);
    },
  };
}

/**
 * Returns the same for a screen that every member of the tenant may see: the data is also asked for while the server
 * says who the admin is.
 */
export function earlyData<Params, Search>(load: Load<Params, Search>) {
  return { ...firstData(load), staticData: { early: load as Load<unknown, unknown> } };
}

/**
 * Loads the code and the early data of the page at the address, while the server says who the admin is. Whatever fails
 * is loaded again by the router.
 */
export function beginPage(router: AnyRouter, client: QueryClient): void {
  if (!mayHaveSession()) return;
  const { pathname, search } = router.latestLocation;
  const [routes, params] = router.getMatchedRoutes(pathname);
  for (const route of routes) {
    void Promise.resolve(router.loadRouteChunk(route)).catch(() => {});
    void route.options.staticData?.early?.(client, params as never, search).catch(() => {});
  }
}
