import { getRouteApi, useRouter } from '@tanstack/react-router';
import { hadSession } from '@/shared/api/session';
import { Brand } from '@/shared/ui/brand';
import { useTitle } from '@/shared/ui/page';
import classes from './login.module.css';
import { LoginForm } from './login-form';
import { Picture } from './picture';
import { placeOf, safeReturn } from './return';

const route = getRouteApi('/login');

/** Asks who you are, and brings you back to where you were. */
export function LoginPage() {
  const router = useRouter();
  const to = safeReturn(route.useSearch().return);
  const place = placeOf(to);
  useTitle('Log in');
  return (
    <div className={classes.split}>
      <main>
        <div className={classes.brand}>
          <Brand size={28} />
        </div>
        <div>
          <h1>Log in</h1>
          <p className={classes.lead}>
            {hadSession() && 'Your session has ended. '}
            {place ? (
              <>
                After you log in you are back at <b>{place.name}</b>
                {place.filtered && ', filter included'}.
              </>
            ) : (
              'Exports that can be trusted.'
            )}
          </p>
          <LoginForm size="md" onDone={() => router.history.replace(to)} />
        </div>
        <p className={classes.foot}>
          No account? An owner of your organisation can invite you.
          <br />
          <a href="/docs/api/">API reference</a>
        </p>
      </main>
      <aside aria-hidden="true">
        <Picture />
      </aside>
    </div>
  );
}
