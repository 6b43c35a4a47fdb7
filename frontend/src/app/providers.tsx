import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { colorSchemeKey, cssVariablesResolver, theme } from '@/shared/theme/theme';
import { makeQueryClient } from './query-client';
import { makeRouter } from './routes';

// After the first page: what is said before is kept for it.
const Acknowledgements = lazy(() => import('./acknowledgements'));

const client = makeQueryClient();
const router = makeRouter(client);
const colorSchemes = localStorageColorSchemeManager({ key: colorSchemeKey });

/** The console: theme, cache, routes. */
export function Providers() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      colorSchemeManager={colorSchemes}
      defaultColorScheme="auto"
      deduplicateInlineStyles
    >
      <Suspense>
        <Acknowledgements />
      </Suspense>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
