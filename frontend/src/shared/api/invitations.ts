import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answered, api } from './client';
import { keys } from './keys';
import { sessionBegan } from './session';

/** Whom a link invites, and where to; asks nothing without a token. */
export function useInvitation(token: string) {
  return useQuery({
    queryKey: keys.invitation(token),
    queryFn: ({ signal }) => answered(api.POST('/v4/invitations', { body: { token }, signal })),
    enabled: token !== '',
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

/** Accepts an invitation, and so logs in. What was read in this tab as somebody else is forgotten. */
export function useAcceptInvitation() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { token: string; name: string; password: string }) =>
      answered(api.POST('/v4/invitations/acceptances', { body })),
    meta: { login: true },
    gcTime: 0,
    onSuccess: (_in, { token }) => {
      sessionBegan();
      const own = JSON.stringify(keys.invitation(token)); // it is still shown
      client.removeQueries({ predicate: ({ queryKey }) => JSON.stringify(queryKey) !== own });
    },
  });
}
