import '@/shared/theme/styles';
import { StrictMode, startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import { Providers, router } from './providers';

const app = document.querySelector('#app');
if (!app) throw new Error('The page has no #app.');

// The code of the page is loaded while the server says who the admin is. If that fails, the router loads it again.
const early = [
  { path: /^\/t\/[^/]+\//, load: () => import('./frame/frame') },
  {
    path: /^\/t\/[^/]+\/users$/,
    load: () => Promise.all([import('@/features/users/load-users'), import('./users-page')]),
  },
];
for (const { path, load } of early) if (path.test(location.pathname)) load().catch(() => {});

// A page that is ready soon is rendered once, with its data. Otherwise its skeleton is shown meanwhile.
const patience = 150; // ms
const waited = new Promise((resolve) => setTimeout(resolve, patience));
void Promise.race([router.load(), waited]).then(() => {
  const root = createRoot(app);
  // As a transition: the browser stays able to answer between the parts of the first rendering.
  startTransition(() =>
    root.render(
      <StrictMode>
        <Providers />
      </StrictMode>,
    ),
  );
});
