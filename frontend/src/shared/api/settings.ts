import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answered, api, inTenant, type Me, type Settings, type SettingsChange } from './client';
import { keys } from './keys';

/** What the tenant's owners have set. */
export function useSettings(tenant: string) {
  return useQuery({
    queryKey: keys.settings(tenant),
    queryFn: ({ signal }) => answered(api.GET('/v4/settings', { params: { header: inTenant(tenant) }, signal })),
  });
}

/** Sets what it is given and leaves the rest. It shows at once, and goes back where the server refuses. */
export function useChangeSettings(tenant: string) {
  const client = useQueryClient();
  const key = keys.settings(tenant);
  const put = (change: SettingsChange) => client.setQueryData<Settings>(key, (now) => now && { ...now, ...change });
  return useMutation({
    mutationKey: key,
    mutationFn: (change: SettingsChange) =>
      answered(api.PUT('/v4/settings', { params: { header: inTenant(tenant) }, body: change })),
    onMutate: async (change) => {
      await client.cancelQueries({ queryKey: key }); // an answer from before would undo it
      const now = client.getQueryData<Settings>(key);
      put(change);
      return { before: now && those(change, now) };
    },
    onError: (_error, _change, begun) => begun?.before && put(begun.before),
    onSuccess: (now, change) => {
      put(those(change, now));
      if (change.retentionSeconds === undefined) return;
      client.setQueryData<Me>(keys.me, (me) => me && withRetention(me, tenant, now.retentionSeconds));
    },
    onSettled: () => {
      // The last one of several that are under way asks; one before would bring back what the others change.
      if (client.isMutating({ mutationKey: key }) === 1) void client.invalidateQueries({ queryKey: key });
    },
  });
}

// Of the settings, those that a change is about: another one may be under way.
function those(change: SettingsChange, { retentionSeconds, legacySignatures }: Settings): SettingsChange {
  return {
    ...(change.retentionSeconds !== undefined && { retentionSeconds }),
    ...(change.legacySignatures !== undefined && { legacySignatures }),
  };
}

// What says "Files are kept for…" reads it from who you are.
function withRetention(me: Me, tenant: string, retentionSeconds: number): Me {
  return { ...me, tenants: me.tenants.map((one) => (one.id === tenant ? { ...one, retentionSeconds } : one)) };
}
