import type { QueryClient } from '@tanstack/react-query';
import { keptDaysQuery } from '@/api/export-days';
import { featuresQuery } from '@/api/features';
import { settingsQuery } from '@/api/settings';
import { timeZone } from '@/shared/ui/time';

/** Loads what the Settings screen shows first. */
export async function loadSettings(client: QueryClient, tenant: string): Promise<void> {
  await Promise.all([
    client.prefetchQuery(featuresQuery(tenant)),
    client.prefetchQuery(settingsQuery(tenant)),
    client.prefetchQuery(keptDaysQuery(tenant, timeZone())),
  ]);
}
