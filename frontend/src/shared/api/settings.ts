import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answered, api, inTenant, type Me, type Settings } from './client';
import { keys } from './keys';

/** What the tenant's owners have set. */
export function useSettings(tenant: string) {
  return useQuery({
    queryKey: keys.settings(tenant),
    queryFn: ({ signal }) => answered(api.GET('/v4/settings', { params: { header: inTenant(tenant) }, signal })),
  });
}

/** Says how long files are kept, in seconds. It shows at once, and goes back where the server refuses. */
export function useSetRetention(tenant: string) {
  const client = useQueryClient();
  const key = keys.settings(tenant);
  return useMutation({
    mutationFn: (retentionSeconds: number) =>
      answered(api.PUT('/v4/settings', { params: { header: inTenant(tenant) }, body: { retentionSeconds } })),
    onMutate: async (retentionSeconds) => {
      await client.cancelQueries({ queryKey: key }); // an answer from before would undo it
      const before = client.getQueryData<Settings>(key);
      client.setQueryData<Settings>(key, before && { ...before, retentionSeconds });
      return { before };
    },
    onError: (_error, _seconds, begun) => client.setQueryData<Settings>(key, begun?.before),
    onSuccess: (now) => {
      client.setQueryData<Settings>(key, now);
      client.setQueryData<Me>(keys.me, (me) => me && withRetention(me, tenant, now.retentionSeconds));
    },
    onSettled: () => void client.invalidateQueries({ queryKey: key }),
  });
}

// What says "Files are kept for…" reads it from who you are.
function withRetention(me: Me, tenant: string, retentionSeconds: number): Me {
  return { ...me, tenants: me.tenants.map((one) => (one.id === tenant ? { ...one, retentionSeconds } : one)) };
}
