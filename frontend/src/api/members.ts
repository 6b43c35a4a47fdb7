import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import {
  type Admin,
  answered,
  api,
  inTenant,
  type Me,
  type Members,
  type PendingInvitation,
  type Role,
} from './client';
import { keys } from './keys';

/** The query for the members of the tenant and its pending invitations. For owners only. */
export function membersQuery(tenant: string) {
  return queryOptions({
    queryKey: keys.members(tenant),
    queryFn: ({ signal }) => answered(api.GET('/v4/admins', { params: { header: inTenant(tenant) }, signal })),
  });
}

/** Returns the members of the tenant, sorted by email address. For owners only. */
export function useMembers(tenant: string) {
  return useQuery({ ...membersQuery(tenant), select: ({ results }) => results });
}

/**
 * Returns the pending invitations to the tenant, newest first. Shares its request with
 * `useMembers`.
 */
export function usePendingInvitations(tenant: string) {
  return useQuery({ ...membersQuery(tenant), select: ({ invitations }) => invitations });
}

/**
 * Invites an address, or makes a new link for an invitation. The answer may contain the link. It is
 * not cached, and is dropped when its component unmounts.
 */
export function useInvite(tenant: string) {
  const client = useQueryClient();
  const header = inTenant(tenant);
  return useMutation({
    mutationFn: (invited: { email: string; role: Role } | { again: PendingInvitation }) =>
      answered(
        'again' in invited
          ? api.POST('/v4/admins/invitations/{invitation_id}/links', {
              params: { path: { invitation_id: invited.again.id }, header },
            })
          : api.POST('/v4/admins', { params: { header }, body: invited }),
      ),
    gcTime: 0,
    // Refetch after a failure too: the invitation may exist although its answer was lost.
    onSettled: () => void client.invalidateQueries({ queryKey: keys.members(tenant) }),
  });
}

/** Withdraws an invitation. It is removed from the list after the server has confirmed. */
export function useWithdrawInvitation(tenant: string) {
  const client = useQueryClient();
  const key = keys.members(tenant);
  return useMutation({
    mutationFn: ({ id }: PendingInvitation) => {
      const params = { path: { invitation_id: id }, header: inTenant(tenant) };
      return answered(api.DELETE('/v4/admins/invitations/{invitation_id}', { params }));
    },
    onSuccess: (_done, { id }) =>
      client.setQueryData<Members>(
        key,
        (all) => all && { ...all, invitations: all.invitations.filter((one) => one.id !== id) },
      ),
    onSettled: () => void client.invalidateQueries({ queryKey: key }),
  });
}

/** Changes a member's role. */
export function useSetRole(tenant: string) {
  const client = useQueryClient();
  const key = keys.members(tenant);
  return useMutation({
    mutationFn: ({ member: { user_id }, role }: { member: Admin; role: Role }) => {
      const params = { path: { user_id }, header: inTenant(tenant) };
      return answered(api.PATCH('/v4/admins/{user_id}', { params, body: { role } }));
    },
    onSuccess: (now) => {
      client.setQueryData<Members>(
        key,
        (all) => all && { ...all, results: all.results.map((one) => (one.user_id === now.user_id ? now : one)) },
      );
      return refreshOwn(client, now);
    },
    onSettled: () => void client.invalidateQueries({ queryKey: key }),
  });
}

/** Removes a member from the tenant. The row is removed after the server has confirmed. */
export function useRemoveMember(tenant: string) {
  const client = useQueryClient();
  const key = keys.members(tenant);
  return useMutation({
    mutationFn: ({ user_id }: Admin) => {
      const params = { path: { user_id }, header: inTenant(tenant) };
      return answered(api.DELETE('/v4/admins/{user_id}', { params }));
    },
    onSuccess: (_done, member) => {
      client.setQueryData<Members>(
        key,
        (all) => all && { ...all, results: all.results.filter(({ user_id }) => user_id !== member.user_id) },
      );
      return refreshOwn(client, member);
    },
    onSettled: () => void client.invalidateQueries({ queryKey: key }),
  });
}

// Refetches the logged-in admin's rights if an owner changed their own membership.
async function refreshOwn(client: QueryClient, { user_id }: Admin): Promise<void> {
  if (client.getQueryData<Me>(keys.me)?.user_id === user_id) await client.invalidateQueries({ queryKey: keys.me });
}
