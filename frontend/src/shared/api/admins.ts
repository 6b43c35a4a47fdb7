import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type Admin, answered, api, inTenant, type Me, type Role } from './client';
import { keys } from './keys';

/** Who has a role in the tenant, by e-mail address. For owners. */
export function useAdmins(tenant: string) {
  return useQuery({
    queryKey: keys.admins(tenant),
    queryFn: async ({ signal }) => {
      const { results } = await answered(api.GET('/v4/admins', { params: { header: inTenant(tenant) }, signal }));
      return results;
    },
  });
}

/**
 * Invites somebody, or an admin who has no password yet again. The answer has the link: it goes to who asked and to no
 * query, and is forgotten as soon as nothing shows it.
 */
export function useInvite(tenant: string) {
  const client = useQueryClient();
  const header = inTenant(tenant);
  return useMutation({
    mutationFn: (whom: { email: string; role: Role } | { again: Admin }) =>
      answered(
        'again' in whom
          ? api.POST('/v4/admins/{user_id}/invitations', { params: { path: { user_id: whom.again.user_id }, header } })
          : api.POST('/v4/admins', { params: { header }, body: whom }),
      ),
    gcTime: 0,
    // After a failure too: somebody may have been invited whose answer was lost.
    onSettled: () => void client.invalidateQueries({ queryKey: keys.admins(tenant) }),
  });
}

/** Changes an admin's role. */
export function useSetRole(tenant: string) {
  const client = useQueryClient();
  const key = keys.admins(tenant);
  return useMutation({
    mutationFn: ({ admin: { user_id }, role }: { admin: Admin; role: Role }) => {
      const params = { path: { user_id }, header: inTenant(tenant) };
      return answered(api.PATCH('/v4/admins/{user_id}', { params, body: { role } }));
    },
    onSuccess: (now) => {
      client.setQueryData<Admin[]>(key, (all) => all?.map((one) => (one.user_id === now.user_id ? now : one)));
      return learnOwn(client, now);
    },
    onSettled: () => void client.invalidateQueries({ queryKey: key }),
  });
}

/** Takes an admin's role away. The row leaves the list once the server has said so. */
export function useRemoveAdmin(tenant: string) {
  const client = useQueryClient();
  const key = keys.admins(tenant);
  return useMutation({
    mutationFn: ({ user_id }: Admin) => {
      const params = { path: { user_id }, header: inTenant(tenant) };
      return answered(api.DELETE('/v4/admins/{user_id}', { params }));
    },
    onSuccess: (_done, admin) => {
      client.setQueryData<Admin[]>(key, (all) => all?.filter(({ user_id }) => user_id !== admin.user_id));
      return learnOwn(client, admin);
    },
    onSettled: () => void client.invalidateQueries({ queryKey: key }),
  });
}

// Who changed themselves may do something else from now on.
async function learnOwn(client: QueryClient, { user_id }: Admin): Promise<void> {
  if (client.getQueryData<Me>(keys.me)?.user_id === user_id) await client.invalidateQueries({ queryKey: keys.me });
}
