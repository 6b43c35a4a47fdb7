import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { cancelAll } from '@/shared/downloads/store';
import { answered, api, type Me, type Role } from './client';
import { keys } from './keys';
import { sessionBegan, sessionLeft } from './session';

/** Who the session belongs to. */
export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: ({ signal }) => answered(api.GET('/v4/me', { signal })),
  staleTime: 5 * 60_000,
});

/** Who the session belongs to. */
export function useMe() {
  return useQuery(meQuery);
}

/** The admin's role in a tenant; null while unknown, or where the admin has none. */
export function useRole(tenant: string): Role | null {
  return useMe().data?.tenants.find(({ id }) => id === tenant)?.role ?? null;
}

/** How long the files of an export that ends now will be kept, in seconds; null while unknown. */
export function useRetention(tenant: string): number | null {
  return useMe().data?.tenants.find(({ id }) => id === tenant)?.retentionSeconds ?? null;
}

/** Whether e-mails are kept for the outbox and not sent. */
export function useHasOutbox(): boolean {
  return useMe().data?.outbox ?? false;
}

/** The tenant's name; its id while the name is unknown. */
export function tenantName(me: Me | undefined, tenant: string): string {
  return me?.tenants.find(({ id }) => id === tenant)?.name ?? tenant;
}

/** Logs in. What was read under the session before is read anew. */
export function useLogin() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ email, password }: { email: string; password: string }) =>
      answered(
        api.POST('/v3/admin/login', {
          body: { identifiers: { email_address: email.trim() }, validators: { password } },
        }),
      ),
    meta: { login: true },
    onSuccess: async () => {
      sessionBegan();
      await client.invalidateQueries();
    },
  });
}

/** Logs out and forgets everything that was read. */
export function useLogout() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      await cancelAll(); // while the session still may
      return answered(api.POST('/v3/admin/logout'));
    },
    onSuccess: () => {
      sessionLeft();
      client.clear();
    },
  });
}
