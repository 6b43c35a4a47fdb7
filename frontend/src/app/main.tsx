import '@/shared/theme/fonts.css';
import '@/shared/theme/tokens.css';
import '@/shared/theme/base.css';
import '@mantine/core/styles.layer.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Providers, router } from './providers';

const app = document.querySelector('#app');
if (!app) throw new Error('The page has no #app.');

// The page of most visits. Its code is loaded while the server says who the admin is.
if (/^\/t\/[^/]+\/users$/.test(location.pathname)) import('./users-page').catch(() => {}); // the router loads it again

// A page that is ready soon is rendered once, with its data. Otherwise its skeleton is shown meanwhile.
const patience = 150; // ms
const waited = new Promise((resolve) => setTimeout(resolve, patience));
void Promise.race([router.load(), waited]).then(() =>
  createRoot(app).render(
    <StrictMode>
      <Providers />
    </StrictMode>,
  ),
);
