import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { makeQueryClient } from '@/api/query-client';
import { colorSchemeKey, cssVariablesResolver, theme } from '@/shared/theme/theme';
import { makeRouter } from './routes';

/** The query cache of the console. */
export const client = makeQueryClient();
/** The router of the console. */
export const router = makeRouter(client);
const colorSchemes = localStorageColorSchemeManager({ key: colorSchemeKey });

/** Provides the theme, the query cache and the routes of the console. */
export function Providers() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      colorSchemeManager={colorSchemes}
      defaultColorScheme="auto"
      deduplicateInlineStyles
    >
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
