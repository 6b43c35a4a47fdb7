import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answered, api, type OwnAccount, type SecondFactor } from './client';
import { keys } from './keys';
import { prepareLogout, renewSession, sessionLeft } from './session';

/** The query for the account of the logged-in admin. */
export const accountQuery = queryOptions({
  queryKey: keys.account,
  queryFn: ({ signal }) => answered(api.GET('/v4/account', { signal })),
});

/** Returns the account of the logged-in admin. */
export function useAccount() {
  return useQuery(accountQuery);
}

/** Changes the account's display name. */
export function useRename() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => answered(api.PATCH('/v4/account', { body: { name } })),
    onSuccess: (account) => {
      client.setQueryData<OwnAccount>(keys.account, account);
      return client.invalidateQueries({ queryKey: keys.me });
    },
  });
}

/**
 * Changes the password. Every session of the account ends. The answer gives this browser a new one,
 * under which all cached queries are read again.
 */
export function useChangePassword() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: { currentPassword: string; newPassword: string; revokeKeyPairs: boolean }) => {
      await client.cancelQueries(); // they would fail with an ended session
      return renewSession(() => answered(api.PUT('/v4/account/password', { body })));
    },
    gcTime: 0,
    onSettled: () => void client.invalidateQueries(),
  });
}

/** Ends every session of the account, including this one, and clears the cache. */
export function useLogOutEverywhere() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (keyPairs: boolean) => {
      await prepareLogout();
      return answered(api.DELETE('/v4/account/sessions', { params: { query: { keyPairs } } }));
    },
    onSuccess: () => {
      sessionLeft();
      client.clear();
    },
  });
}

/** The query for the account's sessions, most recently used first. */
export const ownSessionsQuery = queryOptions({
  queryKey: keys.ownSessions,
  queryFn: async ({ signal }) => (await answered(api.GET('/v4/account/sessions', { signal }))).results,
});

/** Returns the account's sessions, most recently used first. */
export function useOwnSessions({ enabled = true } = {}) {
  return useQuery({ ...ownSessionsQuery, enabled });
}

/** Ends one of the account's sessions. */
export function useEndSession() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answered(api.DELETE('/v4/account/sessions/{session_id}', { params: { path: { session_id: id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.ownSessions }),
  });
}

/**
 * Updates the cached second factor, and refetches the queries that depend on it, such as the open
 * tenants.
 */
export function learnFactor(client: QueryClient, secondFactor?: SecondFactor): void {
  if (secondFactor) client.setQueryData<OwnAccount>(keys.account, (account) => account && { ...account, secondFactor });
  for (const queryKey of [keys.account, keys.me, keys.ownSessions]) void client.invalidateQueries({ queryKey });
}
