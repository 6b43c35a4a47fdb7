import { Skeleton } from '@mantine/core';
import { useAccount } from '@/api/account';
import { zoneName } from '@/shared/ui/format';
import { Page } from '@/shared/ui/page';
import { StaleLine } from '@/shared/ui/stale-line';
import { ErrorState } from '@/shared/ui/states';
import { useTimeZone } from '@/shared/ui/time';
import classes from './account.module.css';
import { PasswordSection } from './password-section';
import { ProfileSection } from './profile-section';
import { SecondFactorSection } from './second-factor-section';
import { SessionsSection } from './sessions-section';

/** The admin's account, the same in every tenant: name, password, second factor, sessions. */
export function AccountPage() {
  const account = useAccount();
  const zone = useTimeZone();
  return (
    <Page title="Account">
      {account.isRefetchError && (
        <StaleLine
          at={account.dataUpdatedAt}
          error={account.error}
          retrying={account.isRefetching}
          onRetry={() => account.refetch()}
        />
      )}
      {account.data === undefined && account.isError ? (
        <ErrorState
          title="Your account could not be loaded"
          error={account.error}
          retrying={account.isFetching}
          onRetry={() => account.refetch()}
        />
      ) : (
        <div className={classes.page}>
          <p className={classes.lede}>
            Your account is the same in every tenant. <small>Times in {zoneName(zone)}</small>
          </p>
          {account.data ? (
            <>
              <ProfileSection account={account.data} />
              <PasswordSection account={account.data} />
              <SecondFactorSection account={account.data} />
              <SessionsSection keyPairs={account.data.keyPairs} />
            </>
          ) : (
            <AccountSkeleton />
          )}
        </div>
      )}
    </Page>
  );
}

/** The placeholder of the account's sections during loading. */
function AccountSkeleton() {
  return (
    <div role="status" aria-label="Loading your account">
      {[132, 208, 180].map((height) => (
        <div key={height} className={classes.section}>
          <Skeleton height={18} width={140} />
          <Skeleton height={height} mt={14} />
        </div>
      ))}
    </div>
  );
}
