import { useMutation, useQueryClient } from '@tanstack/react-query';
import { learnFactor } from './account';
import { answered, api, type SecondFactorAnswer } from './client';

// A refusal does not mean that the session has ended. `login` keeps the query client from treating
// it so.
const meta = { login: true };

/** Confirms the admin's identity by password. The error may ask for the second factor. */
export function useConfirmSession() {
  return useMutation({
    mutationFn: (password: string) => answered(api.POST('/v4/session/confirmations', { body: { password } })),
    meta,
    gcTime: 0,
  });
}

/** Completes a confirmation with the second factor. */
export function useConfirmSecondFactor() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: SecondFactorAnswer) => answered(api.POST('/v4/session/confirmations/second-factor', { body })),
    meta,
    gcTime: 0,
    onSuccess: () => learnFactor(client), // the session has a second factor from now on
  });
}
