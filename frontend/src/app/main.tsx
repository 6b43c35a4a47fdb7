import { RouterProvider } from '@tanstack/react-router';
import { StrictMode, startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import { keys } from '@/api/keys';
import { makeQueryClient } from '@/api/query-client';
import { beginPage } from './first-data';
import { Providers } from './providers';
import { makeRouter } from './routes';

const app = document.querySelector('#app');
if (!app) throw new Error('The page has no #app.');

const client = makeQueryClient();
const router = makeRouter(client);

// After a log-out, Back may show this page as the browser kept it: it is loaded again and opens the log-in page.
addEventListener('pageshow', ({ persisted }) => {
  if (persisted && !client.getQueryData(keys.me)) location.reload();
});

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
        <Providers client={client}>
          <RouterProvider router={router} />
        </Providers>
      </StrictMode>,
    ),
  );
});
