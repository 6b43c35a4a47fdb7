import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answered, api, type Me, type Membership, type Role, type SecondFactorAnswer } from './client';
import { keys } from './keys';
import { prepareLogout, sessionBegan, sessionLeft } from './session';

/** The query for the logged-in admin. */
export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: ({ signal }) => answered(api.GET('/v4/me', { signal })),
  staleTime: 5 * 60_000,
});

/** Returns the logged-in admin. */
export function useMe() {
  return useQuery(meQuery);
}

/** Returns the admin's membership in a tenant; undefined while unknown or if there is none. */
export function useMembership(tenant: string | undefined): Membership | undefined {
  return useMe().data?.tenants.find(({ id }) => id === tenant);
}

/** Returns the admin's role in a tenant; null while unknown or if there is none. */
export function useRole(tenant: string | undefined): Role | null {
  return useMembership(tenant)?.role ?? null;
}

/** Returns the admin's role in a tenant, as far as it is cached; null while unknown or if there is none. */
export function cachedRole(client: QueryClient, tenant: string): Role | null {
  return client.getQueryData(meQuery.queryKey)?.tenants.find(({ id }) => id === tenant)?.role ?? null;
}

/** Returns how long the files of a new export are kept, in seconds; null while unknown. */
export function useRetention(tenant: string): number | null {
  return useMembership(tenant)?.retentionSeconds ?? null;
}

/** Reports whether emails go to the outbox because mail is not configured. */
export function useHasOutbox(): boolean {
  return useMe().data?.outbox ?? false;
}

/** Returns the tenant's name; its id while the name is unknown. */
export function tenantName(me: Me | undefined, tenant: string): string {
  return me?.tenants.find(({ id }) => id === tenant)?.name ?? tenant;
}

/** Logs in and refetches all queries. The error may ask for the second factor. */
export function useLogin() {
  const begin = useBegin();
  return useMutation({
    mutationFn: ({ email, password }: { email: string; password: string }) =>
      answered(
        api.POST('/v3/admin/login', {
          body: { identifiers: { email_address: email.trim() }, validators: { password } },
        }),
      ),
    meta: { login: true },
    onSuccess: begin,
  });
}

/** Completes a login with the second factor. */
export function useLoginSecondFactor() {
  const begin = useBegin();
  return useMutation({
    mutationFn: (body: SecondFactorAnswer) => answered(api.POST('/v4/logins/second-factor', { body })),
    meta: { login: true },
    gcTime: 0,
    onSuccess: begin,
  });
}

function useBegin(): () => Promise<void> {
  const client = useQueryClient();
  return () => {
    sessionBegan();
    return client.invalidateQueries();
  };
}

/** Logs out and clears the cache. */
export function useLogout() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      await prepareLogout();
      return answered(api.POST('/v3/admin/logout'));
    },
    onSuccess: () => {
      sessionLeft();
      client.clear();
    },
  });
}
