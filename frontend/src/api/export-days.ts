import { useQuery } from '@tanstack/react-query';
import { answered, api, inTenant } from './client';
import { keys } from './keys';

const minute = 60_000;

/** Returns the exports of the last 30 days of a time zone, oldest day first. */
export function useExportDays(tenant: string, zone: string) {
  return useQuery({
    queryKey: keys.exportDays(tenant, zone),
    queryFn: async ({ signal }) => {
      const params = { query: { timeZone: zone }, header: inTenant(tenant) };
      return (await answered(api.GET('/v4/export-days', { params, signal }))).days;
    },
    staleTime: minute,
    refetchInterval: minute,
  });
}

/** Returns the stored files by the day of their deletion. */
export function useKeptDays(tenant: string, zone: string) {
  return useQuery({
    queryKey: keys.keptDays(tenant, zone),
    queryFn: async ({ signal }) => {
      const params = { query: { timeZone: zone }, header: inTenant(tenant) };
      return (await answered(api.GET('/v4/kept-file-days', { params, signal }))).days;
    },
    staleTime: minute,
  });
}
