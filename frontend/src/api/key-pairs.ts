import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answered, api, inTenant, type KeyPair, type KeyPairChange } from './client';
import { keys } from './keys';

/** The query for the valid key pairs, newest first: the admin's own, and for owners everyone's. */
export function keyPairsQuery(tenant: string) {
  return queryOptions({
    queryKey: keys.keyPairs(tenant),
    queryFn: async ({ signal }) => {
      const { results } = await answered(api.GET('/v4/key-pairs', { params: { header: inTenant(tenant) }, signal }));
      return results;
    },
  });
}

/** Returns the key pairs of `keyPairsQuery`. */
export function useKeyPairs(tenant: string) {
  return useQuery(keyPairsQuery(tenant));
}

/**
 * Makes a key pair for an admin. The answer contains the secret. It is not cached, and is dropped
 * when its component unmounts.
 */
export function useMakeKeyPair(tenant: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ userId, note }: { userId: string; note: string }) => {
      const params = { path: { user_id: userId }, header: inTenant(tenant) };
      return answered(api.POST('/v3/admin/users/{user_id}/keypairs', { params, body: { note } }));
    },
    gcTime: 0,
    // Refetch after a failure too: the server may have made the pair although its answer was lost.
    onSettled: () => void client.invalidateQueries({ queryKey: keys.keyPairs(tenant) }),
  });
}

/** Changes the note or the request limit of a key pair. Only owners may change the limit. */
export function useChangeKeyPair(tenant: string) {
  const client = useQueryClient();
  const key = keys.keyPairs(tenant);
  return useMutation({
    mutationFn: ({ accessKey, change }: { accessKey: string; change: KeyPairChange }) => {
      const params = { path: { access_key: accessKey }, header: inTenant(tenant) };
      return answered(api.PATCH('/v4/key-pairs/{access_key}', { params, body: change }));
    },
    onSuccess: (now) =>
      client.setQueryData<KeyPair[]>(key, (all) => all?.map((one) => (one.access_key === now.access_key ? now : one))),
    onSettled: () => void client.invalidateQueries({ queryKey: key }),
  });
}

/** Revokes a key pair permanently. It is removed from the list after the server has confirmed. */
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
