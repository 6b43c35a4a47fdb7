import { type ComponentType, StrictMode, startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import { makeQueryClient } from '@/api/query-client';
import { CrashBoundary } from './login/crash-boundary';
import { prefetchConsole } from './login/prefetch-console';
import { Providers } from './providers';
import classes from './root.module.css';

const app = document.querySelector('#app');
if (!app) throw new Error('The page has no #app.');
const root = createRoot(app);

// The pages that need no session. The server answers these addresses with the document of this entry.
const pages: Record<string, () => Promise<ComponentType>> = {
  '/login': async () => (await import('./login/login-page')).LoginPage,
  '/forgot-password': async () => (await import('./login/forgot-password-page')).ForgotPasswordPage,
  '/reset': async () => (await import('./login/reset-page')).ResetPage,
  '/invitation': async () => (await import('./login/invitation-page')).InvitationPage,
};

const client = makeQueryClient();

function show(Page: ComponentType): void {
  // As a transition: the browser stays able to answer between the parts of the first rendering.
  startTransition(() =>
    root.render(
      <StrictMode>
        <Providers client={client}>
          <div className={classes.root}>
            <CrashBoundary>
              <Page />
            </CrashBoundary>
          </div>
        </Providers>
      </StrictMode>,
    ),
  );
}

addEventListener('input', () => void prefetchConsole().catch(() => {}), { once: true });

const load = pages[location.pathname.replace(/\/$/, '')];
if (!load) location.replace('/');
else
  load().then(show, (error: unknown) =>
    show(() => {
      throw error;
    }),
  );
