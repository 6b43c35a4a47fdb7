import { useRole } from '@/api/me';
import { useReach } from '@/api/reach';
import { useMyLiveJob } from '@/jobs/live';

/** Returns why no export can be started from the Users screen now; null if one can. */
export function useExportBarrier(tenant: string, { none, broken }: { none: boolean; broken: boolean }): string | null {
  const live = useMyLiveJob(tenant) !== undefined;
  const { offline } = useReach();
  const role = useRole(tenant);
  if (live) return 'An export is running';
  if (offline) return 'You are offline';
  if (role === 'viewer') return 'A viewer cannot export. Ask an owner.';
  if (none) return 'There are no users to export';
  if (broken) return 'The filter is invalid';
  return null;
}
