import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useAccount } from '@/api/account';
import { askConfirmation } from '@/api/confirmation';
import { meQuery, tenantName } from '@/api/me';
import { EmptyState } from '@/shared/ui/states';
import { useTitle } from '@/shared/ui/title';

/**
 * Replaces the pages of a tenant that requires a second factor while the session has none. It
 * disappears as soon as the session has one, also if another tab set it up.
 */
export function FactorRequiredPage({ tenant }: { tenant: string }) {
  const { data: me } = useQuery({ ...meQuery, refetchOnWindowFocus: 'always' });
  const name = tenantName(me, tenant);
  const has = useAccount().data?.secondFactor;
  const hasOne = has !== undefined && (has.totp !== null || has.passkeys.length > 0);
  useTitle(`Two-factor authentication · ${name}`);
  return (
    <EmptyState
      heading="h1"
      picture="barred"
      title={`${name} requires two-factor authentication`}
      actions={
        hasOne ? (
          <>
            <Button variant="filled" onClick={({ currentTarget }) => void askConfirmation(currentTarget)}>
              Confirm with your second factor
            </Button>
            <Button renderRoot={toAccount}>Your account</Button>
          </>
        ) : (
          <Button variant="filled" renderRoot={toAccount}>
            Set it up in your account
          </Button>
        )
      }
    >
      {hasOne
        ? 'Your account has a second factor, but this session was started without it.'
        : 'Your account needs an authenticator app or a passkey to work here. Setting one up takes about a minute.'}
    </EmptyState>
  );
}

const toAccount = (props: Record<string, unknown>) => <Link to="/account" hash="two-factor" {...props} />;
