import '@/shared/theme/fonts.css';
import '@/shared/theme/tokens.css';
import '@/shared/theme/base.css';
import '@mantine/core/styles.layer.css';
import { StrictMode, startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import { beginPage } from './first-data';
import { client, Providers, router } from './providers';

const app = document.querySelector('#app');
if (!app) throw new Error('The page has no #app.');

beginPage(router, client);

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
