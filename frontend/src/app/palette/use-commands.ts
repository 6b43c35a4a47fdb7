import { type MantineColorScheme, useMantineColorScheme } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useHasOutbox, useMe, useRole } from '@/api/me';
import { useSavedFilters } from '@/api/saved-filters';
import { placesOf } from '../frame/places';
import type { Command } from './matching';

const themes: { value: MantineColorScheme; label: string }[] = [
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
  { value: 'auto', label: 'System' },
];

/** Returns the commands of the palette, in their order, and the one that searches users for a text. */
export function useCommands(tenant: string, wanted: boolean) {
  const navigate = useNavigate();
  const role = useRole(tenant);
  const hasOutbox = useHasOutbox();
  const tenants = useMe().data?.tenants ?? [];
  const saved = useSavedFilters(tenant, wanted).data ?? [];
  const { setColorScheme } = useMantineColorScheme();
  const users = (search: Record<string, string>) =>
    void navigate({ to: '/t/$tenant/users', params: { tenant }, search });

  const commands: Command[] = [
    ...placesOf(role, hasOutbox).map(({ to, label }) => ({
      id: to,
      group: 'Go to',
      label,
      run: () => void navigate({ to, params: { tenant } }),
    })),
    { id: 'account', group: 'Go to', label: 'Account and security', run: () => void navigate({ to: '/account' }) },
    ...(role === 'viewer'
      ? []
      : [{ id: 'export', group: 'Export', label: 'Export users', run: () => users({ dialog: 'export' }) }]),
    ...saved.map(({ id, name, filter }) => ({
      id: `filter ${id}`,
      group: 'Saved filters',
      label: name,
      run: () => users({ filter: JSON.stringify(filter) }),
    })),
    ...tenants
      .filter(({ id }) => id !== tenant)
      .map(({ id, name }) => ({
        id: `tenant ${id}`,
        group: 'Switch tenant',
        label: name,
        run: () => void navigate({ to: '/t/$tenant/users', params: { tenant: id } }),
      })),
    ...themes.map(({ value, label }) => ({
      id: `theme ${value}`,
      group: 'Theme',
      label,
      run: () => setColorScheme(value),
    })),
  ];
  const find = (text: string): Command => ({
    id: 'find',
    group: 'Users',
    label: `Find users: “${text}”`,
    run: () => users({ search: text }),
  });
  return { commands, find };
}
