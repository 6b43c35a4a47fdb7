import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answered, api } from './client';
import { forgetAllBut, keys } from './keys';

/**
 * Requests an email with a reset link. The answer does not reveal whether the address has an
 * account.
 */
export function useRequestReset() {
  return useMutation({
    mutationFn: (email: string) => answered(api.POST('/v4/password-resets', { body: { email: email.trim() } })),
    meta: { login: true },
  });
}

/** Returns the account whose password a link resets. Does not send a request without a token. */
export function useResetCheck(token: string) {
  return useQuery({
    queryKey: keys.passwordReset(token),
    queryFn: ({ signal }) => answered(api.POST('/v4/password-resets/checks', { body: { token }, signal })),
    enabled: token !== '',
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

/**
 * Sets a new password, which ends every session of the account, and clears the cache. It does not
 * log in.
 */
export function useResetPassword() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { token: string; password: string; keepKeyPairs: boolean }) =>
      answered(api.PUT('/v4/password-resets', { body })),
    meta: { login: true },
    gcTime: 0,
    onSuccess: (_done, { token }) => forgetAllBut(client, keys.passwordReset(token)), // the page still shows the account
  });
}
