import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answered, api, inTenant, type Me, type Settings, type SettingsChange } from './client';
import { keys } from './keys';

/** The query for the tenant's settings. */
export function settingsQuery(tenant: string) {
  return queryOptions({
    queryKey: keys.settings(tenant),
    queryFn: ({ signal }) => answered(api.GET('/v4/settings', { params: { header: inTenant(tenant) }, signal })),
  });
}

/** Returns the tenant's settings. */
export function useSettings(tenant: string) {
  return useQuery(settingsQuery(tenant));
}

/** Changes the given settings. The cache changes at once, and is reverted if the server refuses. */
export function useChangeSettings(tenant: string) {
  const client = useQueryClient();
  const key = keys.settings(tenant);
  const put = (change: SettingsChange) => client.setQueryData<Settings>(key, (now) => now && { ...now, ...change });
  return useMutation({
    mutationKey: key,
    mutationFn: (change: SettingsChange) =>
      answered(api.PUT('/v4/settings', { params: { header: inTenant(tenant) }, body: change })),
    onMutate: async (change) => {
      await client.cancelQueries({ queryKey: key }); // an older answer would undo the change
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
      // Only the last of several running mutations refetches. An earlier refetch would undo the
      // others' changes.
      if (client.isMutating({ mutationKey: key }) === 1) void client.invalidateQueries({ queryKey: key });
    },
  });
}

// Returns the members of the settings that the change names. Another mutation may be changing the
// others.
function those(
  change: SettingsChange,
  { retentionSeconds, legacySignatures, zephrSignatures, secondFactorRequired, defaultUserStore }: Settings,
): SettingsChange {
  return {
    ...(change.retentionSeconds !== undefined && { retentionSeconds }),
    ...(change.legacySignatures !== undefined && { legacySignatures }),
    ...(change.secondFactorRequired !== undefined && { secondFactorRequired }),
    ...(change.zephrSignatures !== undefined && { zephrSignatures }),
    ...(change.defaultUserStore !== undefined && { defaultUserStore }),
  };
}

// Copies the retention into `me`, from which "Files are kept for…" reads it.
function withRetention(me: Me, tenant: string, retentionSeconds: number): Me {
  return { ...me, tenants: me.tenants.map((one) => (one.id === tenant ? { ...one, retentionSeconds } : one)) };
}
