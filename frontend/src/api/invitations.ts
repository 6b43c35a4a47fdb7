import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answered, api, isLoggedOut } from './client';
import { forgetAllBut, keys } from './keys';
import { sessionBegan } from './session';

/** Returns the invitation of a link. Does not send a request without a token. */
export function useInvitation(token: string) {
  return useQuery({
    queryKey: keys.invitation(token),
    queryFn: ({ signal }) => answered(api.POST('/v4/invitations', { body: { token }, signal })),
    enabled: token !== '',
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

/** Accepts an invitation with a password, which also logs in, and clears the cache. */
export function useAcceptInvitation() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ token, name, password }: { token: string; name: string; password: string }) =>
      answered(api.POST('/v4/invitations/acceptances', { body: { token, password, ...(name && { name }) } })),
    meta: { login: true },
    gcTime: 0,
    onSuccess: (_in, { token }) => {
      sessionBegan();
      forgetAllBut(client, keys.invitation(token)); // the page still shows the invitation
    },
  });
}

/** Accepts an invitation with the logged-in account. */
export function useJoinTenant() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => answered(api.POST('/v4/account/invitations', { body: { token } })),
    meta: { login: true }, // the page itself asks for the password if the session has ended
    gcTime: 0,
    onSuccess: () => client.invalidateQueries({ queryKey: keys.me }),
    onError: (error) => {
      if (isLoggedOut(error)) client.removeQueries({ queryKey: keys.me });
    },
  });
}
