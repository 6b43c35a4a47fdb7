import { hadSession } from '@/api/session';
import { openPage } from '@/shared/open-page';
import classes from './login.module.css';
import { LoginForm } from './login-form';
import { placeOf, safeReturn } from './return';
import { Split } from './split';

/** The log-in page. It returns to the page that asked for the log-in. */
export function LoginPage() {
  const to = safeReturn(new URLSearchParams(location.search).get('return'));
  const place = placeOf(to);
  return (
    <Split
      title="Log in"
      lead={
        <>
          {hadSession() && 'Your session has ended. '}
          {place ? (
            <>
              After you log in, you return to <b>{place.name}</b>
              {place.filtered && ', filter included'}.
            </>
          ) : (
            'Exports that can be trusted.'
          )}
        </>
      }
      foot={
        <>
          No account? An owner of your organisation can invite you.
          <br />
          <a href="/docs/api/">API reference</a>
        </>
      }
    >
      <LoginForm size="md" onDone={() => openPage(to, { replace: true })} />
      <p className={classes.more}>
        <a href="/forgot-password">Forgot your password?</a>
      </p>
    </Split>
  );
}
