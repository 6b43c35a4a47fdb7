import { getRouteApi, useRouter } from '@tanstack/react-router';
import { hadSession } from '@/shared/api/session';
import { LoginForm } from './login-form';
import { placeOf, safeReturn } from './return';
import { Split } from './split';

const route = getRouteApi('/login');

/** Asks who you are, and brings you back to where you were. */
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
              After you log in you are back at <b>{place.name}</b>
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
    </Split>
  );
}
