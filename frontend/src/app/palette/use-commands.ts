import { useMantineColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useHasOutbox, useMe, useRole } from '@/api/me';
import { useSavedFilters } from '@/api/saved-filters';
import { useExportBarrier } from '@/features/users/toolbar/use-export-barrier';
import { liveJobsQuery } from '@/jobs/queries';
import { statusNames } from '@/jobs/status';
import { moment } from '@/shared/ui/format';
import { useTimeZone } from '@/shared/ui/time';
import { placesOf } from '../navigation/places';
import { themes } from '../navigation/themes';
import type { Command } from './matching';

const most = 5; // of each list, until the admin searches

/** The commands of the palette. */
export interface Commands {
  /** All commands but `find`, in their order. */
  commands: Command[];
  /** Returns the command that searches users for a text. */
  find: (text: string) => Command;
  /** The saved filters could not be loaded. */
  incomplete: boolean;
}

/** Returns the commands of the palette in a tenant. */
export function useCommands(tenant: string, onShortcuts: () => void): Commands {
  const router = useRouter();
  const role = useRole(tenant);
  const hasOutbox = useHasOutbox();
  const tenants = useMe().data?.tenants ?? [];
  const saved = useSavedFilters(tenant);
  const jobs = useQuery({ ...liveJobsQuery(tenant), enabled: false }).data ?? [];
  const barrier = useExportBarrier(tenant, { none: false, broken: false });
  const zone = useTimeZone();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { navigate } = router;
  const params = { tenant };
  const isAt = (to: '/t/$tenant/users' | '/t/$tenant/exports') =>
    Boolean(router.matchRoute({ to, params }, { fuzzy: true, includeSearch: false }));
  const users = (search: Record<string, string>) => void navigate({ to: '/t/$tenant/users', params, search });

  // Exports the users on the screen; from another page, all users.
  const exportUsers = () => {
    const here = isAt('/t/$tenant/users');
    const search = { ...(here && router.state.location.search), dialog: 'export' };
    void navigate({ to: '/t/$tenant/users', params, search, replace: here });
  };
  const pages: Command[] = placesOf(role, hasOutbox).map(({ to, label }) => ({
    id: to,
    group: 'Go to',
    label,
    run: () => void navigate({ to, params }),
  }));
  const actions: Command[] = [
    {
      id: 'export',
      group: 'Action',
      label: 'Export users',
      ...(barrier !== null && { note: barrier, disabled: true }),
      run: exportUsers,
    },
    { id: 'shortcuts', group: 'Action', label: 'Show keyboard shortcuts', run: onShortcuts },
  ];
  const exports: Command[] = jobs.map(({ jobId, words, status, createdAt }, i) => ({
    id: `export ${jobId}`,
    group: 'Your exports',
    label: words,
    note: `${statusNames[status]}, ${moment(createdAt, zone)}`,
    foundOnly: i >= most,
    run: () => void navigate({ to: '/t/$tenant/exports/$jobId', params: { tenant, jobId } }),
  }));
  const filters: Command[] = (saved.data ?? []).map(({ id, name, filter }, i) => ({
    id: `filter ${id}`,
    group: 'Saved filters',
    label: name,
    foundOnly: i >= most,
    run: () => users({ filter: JSON.stringify(filter) }),
  }));
  const others: Command[] = tenants
    .filter(({ id }) => id !== tenant)
    .map(({ id, name }, i) => ({
      id: `tenant ${id}`,
      group: 'Switch tenant',
      label: name,
      foundOnly: i >= most,
      run: () => {
        const to = isAt('/t/$tenant/exports') ? '/t/$tenant/exports' : '/t/$tenant/users';
        void navigate({ to, params: { tenant: id } });
      },
    }));
  const looks: Command[] = themes
    .filter(({ value }) => value !== colorScheme)
    .map(({ value, label }) => ({
      id: `theme ${value}`,
      group: 'Theme',
      label,
      run: () => setColorScheme(value),
    }));
  const account: Command = {
    id: 'account',
    group: 'Go to',
    label: 'Account and security',
    run: () => void navigate({ to: '/account' }),
  };
  const reference: Command = {
    id: 'reference',
    group: 'Go to',
    label: 'API reference',
    run: () => location.assign('/docs/api/'),
  };
  return {
    commands: [...pages, account, reference, ...actions, ...exports, ...filters, ...others, ...looks],
    find: (text) => ({
      id: 'find',
      group: 'Users',
      label: `Find users: “${text}”`,
      run: () => users({ search: text }),
    }),
    incomplete: saved.isError,
  };
}
