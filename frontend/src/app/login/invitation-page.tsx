import { useState } from 'react';
import { isLoggedOut } from '@/api/client';
import { useInvitation, useJoinTenant } from '@/api/invitations';
import { useLogout, useMe } from '@/api/me';
import { openPage } from '@/shared/open-page';
import { Waiting } from '@/shared/ui/page-skeleton';
import { InvitationWays } from './invitation-ways';
import { LinkProblem } from './link-problem';
import { LoggedInInvitation } from './logged-in-invitation';
import { Split } from './split';
import { useHashToken } from './use-hash-token';

/** The page of an invitation link. The admin accepts with the logged-in account, by logging in, or with a new password. */
export function InvitationPage() {
  const token = useHashToken();
  const { data: invited, error, isFetching, refetch } = useInvitation(token);
  const me = useMe();
  const join = useJoinTenant();
  const logout = useLogout();
  // No admin was logged in. This stays true until the log-in is complete, so that the form stays mounted.
  const [out, setOut] = useState(false);
  if (!out && !me.data && !me.isPending) setOut(true);

  if (invited && me.isPending && !out) return <Waiting />;
  if (invited) {
    const accept = () => {
      setOut(false);
      join.mutate(token, {
        onSuccess: ({ tenant }) => openPage(`/t/${encodeURIComponent(tenant)}/users`),
        onError: (reason) => setOut(isLoggedOut(reason)),
      });
    };
    return (
      <Split
        title={`You are invited to ${invited.tenant} as ${invited.role}`}
        lead={
          <>
            The invitation is for <b>{invited.email}</b>.
          </>
        }
        foot="This link is valid once."
      >
        {me.data && !out ? (
          <LoggedInInvitation
            invited={invited}
            email={me.data.email}
            join={join}
            logout={logout}
            onJoin={accept}
            onLogOut={() => logout.mutate(undefined, { onSuccess: () => setOut(true) })}
          />
        ) : (
          <InvitationWays key={token} token={token} invited={invited} onLoggedIn={accept} />
        )}
      </Split>
    );
  }
  if (token && !error) return <Waiting />;
  return (
    <LinkProblem
      what="invitation"
      token={token}
      error={error}
      retrying={isFetching}
      onRetry={() => void refetch()}
      next="Ask an owner of your organisation for a new invitation. If you have accepted it, log in."
      to="/login"
      button="Log in"
    />
  );
}
