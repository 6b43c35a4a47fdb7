import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError, isBarred, isLoggedOut, isNotFound } from './client';
import { keys } from './keys';
import { sessionEnded } from './session';

const retries = 2;

/**
 * Returns the query client of the console. Any request that fails with a 401 marks the session as
 * ended.
 */
export function makeQueryClient(): QueryClient {
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: noticed }),
    mutationCache: new MutationCache({
      onError: (error, _variables, _result, { meta }) => {
        if (!meta?.login) noticed(error); // a wrong password is also a 401
      },
    }),
    defaultOptions: {
      queries: {
        // Without a network a query fails and shows an error. Pausing it would show a skeleton
        // forever.
        networkMode: 'always',
        retry: (failures, error) => failures < retries && isPassing(error),
        staleTime: 10_000,
      },
      mutations: { networkMode: 'always' },
    },
  });
  function noticed(error: Error) {
    // Before the admin is known, the router opens the login page. After that the page asks for the
    // password in place.
    if (isLoggedOut(error) && client.getQueryData(keys.me)) sessionEnded();
    // The admin's role may have changed while no socket was open.
    if (isBarred(error) || isNotFound(error)) void client.invalidateQueries({ queryKey: keys.me });
  }
  return client;
}

function isPassing(error: Error): boolean {
  if (!(error instanceof ApiError)) return false;
  if (error.code === 'timeout') return false; // the same scan would probably take too long again
  return error.status === 0 || error.code === 'tenant_busy' || (error.status >= 500 && error.status !== 501);
}
