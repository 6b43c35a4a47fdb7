import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answered, api, inTenant, type KeyPair } from './client';
import { keys } from './keys';

/** The key pairs that are good, newest first: one's own, and for owners everyone's. */
export function useKeyPairs(tenant: string) {
  return useQuery({
    queryKey: keys.keyPairs(tenant),
    queryFn: async ({ signal }) => {
      const { results } = await answered(api.GET('/v4/key-pairs', { params: { header: inTenant(tenant) }, signal }));
      return results;
    },
  });
}

/**
 * Makes a key pair for an admin. The answer has the secret: it goes to who asked and to no query, and is forgotten as
 * soon as nothing shows it.
 */
export function useMakeKeyPair(tenant: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ userId, note }: { userId: string; note: string }) => {
      const params = { path: { user_id: userId }, header: inTenant(tenant) };
      return answered(api.POST('/v3/admin/users/{user_id}/keypairs', { params, body: { note } }));
    },
    gcTime: 0,
    // After a failure too: a pair may have been made whose answer was lost.
    onSettled: () => void client.invalidateQueries({ queryKey: keys.keyPairs(tenant) }),
  });
}

/** Says what a key pair is for. */
export function useAnnotateKeyPair(tenant: string) {
  const client = useQueryClient();
  const key = keys.keyPairs(tenant);
  return useMutation({
    mutationFn: ({ accessKey, note }: { accessKey: string; note: string }) => {
      const params = { path: { access_key: accessKey }, header: inTenant(tenant) };
      return answered(api.PATCH('/v4/key-pairs/{access_key}', { params, body: { note } }));
    },
    onSuccess: (now) =>
      client.setQueryData<KeyPair[]>(key, (all) => all?.map((one) => (one.access_key === now.access_key ? now : one))),
    onSettled: () => void client.invalidateQueries({ queryKey: key }),
  });
}

/** Revokes a key pair, for good. It leaves the list once the server has said so. */
export function useRevokeKeyPair(tenant: string) {
  const client = useQueryClient();
  const key = keys.keyPairs(tenant);
  return useMutation({
    mutationFn: ({ user_id, access_key }: KeyPair) => {
      const params = { path: { user_id, access_key }, header: inTenant(tenant) };
      return answered(api.DELETE('/v3/admin/users/{user_id}/keypairs/{access_key}', { params }));
    },
    onSuccess: (_done, { access_key }) =>
      client.setQueryData<KeyPair[]>(key, (all) => all?.filter((one) => one.access_key !== access_key)),
    onSettled: () => void client.invalidateQueries({ queryKey: key }),
  });
}
