import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError, isBarred, isLoggedOut, isNotFound } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { sessionEnded } from '@/shared/api/session';

const retries = 2;

/** The one cache of what the server answers. A call that has no session any more says so to the whole page. */
export function makeQueryClient(): QueryClient {
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: noticed }),
    mutationCache: new MutationCache({
      onError: (error, _variables, _result, { meta }) => {
        if (!meta?.login) noticed(error); // a wrong password is a 401 too
      },
    }),
    defaultOptions: {
      queries: {
        // Without a network a call fails and says so; waiting for one would be a skeleton without end.
        networkMode: 'always',
        retry: (failures, error) => failures < retries && isPassing(error),
        staleTime: 10_000,
      },
      mutations: { networkMode: 'always' },
    },
  });
  function noticed(error: Error) {
    // Before anyone is known the log-in page asks; after that the page asks in place.
    if (isLoggedOut(error) && client.getQueryData(keys.me)) sessionEnded();
    // Their role may have changed, or gone, while no socket was there to say so.
    if (isBarred(error) || isNotFound(error)) void client.invalidateQueries({ queryKey: keys.me });
  }
  return client;
}

function isPassing(error: Error): boolean {
  return error instanceof ApiError && (error.status === 0 || (error.status >= 500 && error.status !== 501));
}
