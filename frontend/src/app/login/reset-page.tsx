import { Button } from '@mantine/core';
import type { ResetCheck } from '@/api/client';
import { useResetCheck, useResetPassword } from '@/api/password-resets';
import { Waiting } from '@/shared/ui/page-skeleton';
import { focusResult } from './focus-result';
import { LinkProblem } from './link-problem';
import classes from './login.module.css';
import { ResetForm } from './reset-form';
import { Split } from './split';
import { useHashToken } from './use-hash-token';

const list = new Intl.ListFormat('en');

/** The page of a link that resets a password. It does not log in: that needs the new password and the second factor. */
export function ResetPage() {
  const token = useHashToken();
  const { data: check, error, isFetching, refetch } = useResetCheck(token);
  const reset = useResetPassword();
  if (reset.isSuccess) {
    return (
      <Split title="Your password was changed" lead={null} foot={<a href="/docs/api/">API reference</a>}>
        <p ref={focusResult} tabIndex={-1} className={classes.news}>
          Your password was changed. Every session has ended.
        </p>
        <div className={classes.buttons}>
          <Button size="md" variant="filled" component="a" href="/login">
            Log in
          </Button>
        </div>
      </Split>
    );
  }
  if (check) {
    return (
      <Split title="Choose a new password" lead={<AccountSummary {...check} />} foot="This link is valid once.">
        <ResetForm key={token} token={token} check={check} reset={reset} />
      </Split>
    );
  }
  if (token && !error) return <Waiting />;
  return (
    <LinkProblem
      what="reset link"
      token={token}
      error={error}
      retrying={isFetching}
      onRetry={() => void refetch()}
      next="Ask for a new one."
      to="/forgot-password"
      button="Ask for a new link"
    />
  );
}

function AccountSummary({ email, tenants }: ResetCheck) {
  return (
    <>
      For <b>{email}</b>
      {tenants.length > 0 && (
        <>
          , the account for <bdi>{list.format(tenants)}</bdi>
        </>
      )}
      . A change ends every session of the account.
    </>
  );
}
