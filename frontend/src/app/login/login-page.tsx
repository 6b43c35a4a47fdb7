import { getRouteApi, Link, useRouter } from '@tanstack/react-router';
import { hadSession } from '@/api/session';
import classes from './login.module.css';
import { LoginForm } from './login-form';
import { placeOf, safeReturn } from './return';
import { Split } from './split';

const route = getRouteApi('/login');

/** The log-in page. It returns to the page that asked for the log-in. */
export function LoginPage() {
  const router = useRouter();
  const to = safeReturn(route.useSearch().return);
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
      <LoginForm size="md" onDone={() => router.history.replace(to)} />
      <p className={classes.more}>
        <Link to="/forgot-password">Forgot your password?</Link>
      </p>
    </Split>
  );
}
