import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { Invited } from '@/api/client';
import { InvitationForm } from './invitation-form';
import classes from './login.module.css';
import { LoginForm } from './login-form';

const ways = [
  { value: 'new', label: 'Choose a password' },
  { value: 'account', label: 'Log in and accept' },
];

interface Props {
  token: string;
  invited: Invited;
  /** Called when the invited address has logged in. */
  onLoggedIn: () => void;
}

/**
 * The two ways to accept an invitation without being logged in. The page does not preselect one by
 * address: that would reveal whether the address has an account.
 */
export function InvitationWays({ token, invited, onLoggedIn }: Props) {
  const [way, setWay] = useState('new');
  return (
    <>
      <SegmentedControl
        classNames={{ root: classes.ways ?? '', label: classes.way ?? '' }}
        aria-label="How to accept"
        data={ways}
        value={way}
        onChange={setWay}
      />
      {way === 'new' ? (
        <>
          <p className={classes.note}>
            For your first log-in. The new password gives access to <b>{invited.tenant}</b> only.
          </p>
          <InvitationForm token={token} invited={invited} />
        </>
      ) : (
        <>
          <p className={classes.note}>
            If you already have an account with this address. <b>{invited.tenant}</b> is added to it.
          </p>
          <LoginForm size="md" email={invited.email} onDone={onLoggedIn} />
        </>
      )}
    </>
  );
}
