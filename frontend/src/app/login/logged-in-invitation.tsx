import { Button } from '@mantine/core';
import type { Invited } from '@/api/client';
import type { useJoinTenant } from '@/api/invitations';
import type { useLogout } from '@/api/me';
import classes from './login.module.css';

interface Props {
  invited: Invited;
  /** The address of the account that is logged in. */
  email: string;
  join: ReturnType<typeof useJoinTenant>;
  logout: ReturnType<typeof useLogout>;
  onJoin: () => void;
  onLogOut: () => void;
}

/** An invitation in a browser with a logged-in admin: a button to join, or to log out if it is for another address. */
export function LoggedInInvitation({ invited, email, join, logout, onJoin, onLogOut }: Props) {
  const same = email.toLowerCase() === invited.email.toLowerCase();
  return (
    <>
      <div role="alert" className={classes.problem}>
        {(join.error ?? logout.error)?.message}
      </div>
      <p className={classes.note}>
        You are logged in as <b>{email}</b>.{!same && ' Log out to accept the invitation with the invited address.'}
      </p>
      <div className={classes.buttons}>
        {same ? (
          <Button size="md" variant="filled" loading={join.isPending} onClick={onJoin}>
            Join {invited.tenant}
          </Button>
        ) : (
          <Button size="md" loading={logout.isPending} onClick={onLogOut}>
            Log out
          </Button>
        )}
      </div>
    </>
  );
}
