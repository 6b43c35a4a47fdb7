import { useMutation, useQueryClient } from '@tanstack/react-query';
import { learnFactor } from './account';
import { answered, api } from './client';
import { createPasskey } from './webauthn';

/** Starts to set up an authenticator app. The answer contains the secret, which is not cached. */
export function useBeginTotp() {
  return useMutation({ mutationFn: () => answered(api.POST('/v4/account/totp')), gcTime: 0 });
}

/**
 * Confirms the app with one of its codes. The answer to an account's first factor contains recovery
 * codes.
 */
export function useConfirmTotp() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (code: string) => answered(api.PUT('/v4/account/totp', { body: { code } })),
    gcTime: 0,
    onSuccess: ({ secondFactor }) => learnFactor(client, secondFactor),
  });
}

/** Removes the authenticator app. */
export function useRemoveTotp() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => answered(api.DELETE('/v4/account/totp')),
    onSettled: () => learnFactor(client),
  });
}

/**
 * Makes a passkey on this device and adds it. Fails with a PasskeyError of the browser or an
 * ApiError.
 */
export function useAddPasskey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (name: string) => {
      const { publicKey } = await answered(api.POST('/v4/account/passkeys/options'));
      const credential = await createPasskey(publicKey);
      return answered(api.POST('/v4/account/passkeys', { body: { name, credential } }));
    },
    gcTime: 0,
    onSuccess: ({ secondFactor }) => learnFactor(client, secondFactor),
  });
}

/** Renames a passkey. */
export function useRenamePasskey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, name }: { id: string; name: string }) =>
      answered(
        api.PATCH('/v4/account/passkeys/{passkey_id}', { params: { path: { passkey_id: id } }, body: { name } }),
      ),
    onSettled: () => learnFactor(client),
  });
}

/** Removes a passkey. */
export function useRemovePasskey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answered(api.DELETE('/v4/account/passkeys/{passkey_id}', { params: { path: { passkey_id: id } } })),
    onSettled: () => learnFactor(client),
  });
}

/** Makes new recovery codes, which are not cached. The old codes stop working. */
export function useMakeRecoveryCodes() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => answered(api.POST('/v4/account/recovery-codes')),
    gcTime: 0,
    onSuccess: () => learnFactor(client),
  });
}
