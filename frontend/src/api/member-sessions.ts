import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answered, api, inTenant, type Session } from './client';
import { keys } from './keys';

/** Returns a member's sessions, most recently used first. For owners only. */
export function useMemberSessions(tenant: string, userId: string) {
  return useQuery({
    queryKey: keys.memberSessions(tenant, userId),
    queryFn: async ({ signal }) => {
      const params = { path: { user_id: userId }, header: inTenant(tenant) };
      const { results } = await answered(api.GET('/v4/admins/{user_id}/sessions', { params, signal }));
      return results;
    },
    gcTime: 0, // sessions change often, so every new view refetches
  });
}

/**
 * Ends one or all of a member's sessions. They are removed from the list after the server has
 * confirmed.
 */
export function useEndMemberSessions(tenant: string, userId: string) {
  const client = useQueryClient();
  const key = keys.memberSessions(tenant, userId);
  const header = inTenant(tenant);
  return useMutation({
    mutationFn: (which: Session | 'all') =>
      answered(
        which === 'all'
          ? api.DELETE('/v4/admins/{user_id}/sessions', { params: { path: { user_id: userId }, header } })
          : api.DELETE('/v4/admins/{user_id}/sessions/{session_id}', {
              params: { path: { user_id: userId, session_id: which.id }, header },
            }),
      ),
    onSuccess: (_done, which) =>
      client.setQueryData<Session[]>(key, (all) => (which === 'all' ? [] : all?.filter(({ id }) => id !== which.id))),
    onSettled: () => void client.invalidateQueries({ queryKey: key }),
  });
}
