import { queryOptions, useQuery } from '@tanstack/react-query';
import { answered, api, inTenant } from './client';
import { keys } from './keys';

const minute = 60_000;

/** The query for the exports of the last 30 days of a time zone, oldest day first. */
export function exportDaysQuery(tenant: string, zone: string) {
  return queryOptions({
    queryKey: keys.exportDays(tenant, zone),
    queryFn: async ({ signal }) => {
      const params = { query: { timeZone: zone }, header: inTenant(tenant) };
      return (await answered(api.GET('/v4/export-days', { params, signal }))).days;
    },
    staleTime: minute,
  });
}

/** Returns the days of `exportDaysQuery`, read again every minute. */
export function useExportDays(tenant: string, zone: string) {
  return useQuery({ ...exportDaysQuery(tenant, zone), refetchInterval: minute });
}

/** The query for the stored files by the day of their deletion. */
export function keptDaysQuery(tenant: string, zone: string) {
  return queryOptions({
    queryKey: keys.keptDays(tenant, zone),
    queryFn: async ({ signal }) => {
      const params = { query: { timeZone: zone }, header: inTenant(tenant) };
      return (await answered(api.GET('/v4/kept-file-days', { params, signal }))).days;
    },
    staleTime: minute,
  });
}

/** Returns the days of `keptDaysQuery`. */
export function useKeptDays(tenant: string, zone: string) {
  return useQuery(keptDaysQuery(tenant, zone));
}
