import { Button } from '@mantine/core';
import { Link, useLocation } from '@tanstack/react-router';
import { isNotFound } from '@/shared/api/client';
import { useInvitation } from '@/shared/api/invitations';
import { Waiting } from '../waiting';
import { InvitationForm } from './invitation-form';
import classes from './login.module.css';
import { Split } from './split';

/** Where the link of an invitation leads. What proves it stands behind # and goes to the server in a body, never in an address. */
export function InvitationPage() {
  const token = useLocation({ select: ({ hash }) => hash });
  const { data: invited, error, isFetching, refetch } = useInvitation(token);
  if (invited) {
    return (
      <Split
        title={`Join ${invited.tenant}`}
        lead="You are invited. Choose a password; with it you log in from now on."
        foot="This link is good once."
      >
        <InvitationForm key={token} token={token} invited={invited} />
      </Split>
    );
  }
  if (token && !error) return <Waiting />;
  const over = !token || isNotFound(error);
  return (
    <Split
      title={over ? 'This invitation is not good any more' : 'The invitation could not be loaded'}
      lead={
        over
          ? 'It was used, has expired, or is not whole. Ask an owner of your organisation for a new link; if you have chosen your password already, log in.'
          : error?.message
      }
      foot={<a href="/docs/api/">API reference</a>}
    >
      <div className={classes.buttons}>
        {over ? (
          <Button size="md" variant="filled" renderRoot={(props) => <Link to="/login" {...props} />}>
            Log in
          </Button>
        ) : (
          <Button size="md" loading={isFetching} onClick={() => refetch()}>
            Try again
          </Button>
        )}
      </div>
    </Split>
  );
}
