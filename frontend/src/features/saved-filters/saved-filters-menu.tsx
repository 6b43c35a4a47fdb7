import { Menu } from '@mantine/core';
import { IconBookmarkPlus, IconCheck, IconSettings } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import type { Rule } from '@/api/client';
import { useRole } from '@/api/me';
import { useSavedFilters } from '@/api/saved-filters';
import { lazyDialog } from '@/shared/ui/lazy-dialog';
import { useOpenedByPress } from '@/shared/ui/use-loaded-by-press';
import classes from './saved-filters.module.css';
import { SavedFiltersButton } from './saved-filters-button';

const SaveDialog = lazyDialog(async () => (await import('./save-dialog')).SaveDialog, 'The dialog');
const ManageDialog = lazyDialog(async () => (await import('./manage-dialog')).ManageDialog, 'The dialog');

/** The props of the menu of saved filters. */
export interface SavedFiltersMenuProps {
  tenant: string;
  /** The current filter. */
  filter: Rule | null;
  onApply: (filter: Rule) => void;
}

/** The menu of the saved filters, which opens at once. The list is asked for when it opens. */
export function SavedFiltersMenu({ tenant, filter, onApply }: SavedFiltersMenuProps) {
  const [opened, setOpened] = useState(false);
  const [dialog, setDialog] = useState<'save' | 'manage' | null>(null);
  const [loaded, setLoaded] = useState<{ save?: boolean; manage?: boolean }>({}); // dialogs that were opened once
  const show = (name: 'save' | 'manage') => {
    setDialog(name);
    setLoaded((before) => ({ ...before, [name]: true }));
  };
  const button = useRef<HTMLButtonElement>(null);
  useOpenedByPress(button, () => setOpened(true));
  const { data, isError } = useSavedFilters(tenant, opened || dialog !== null);
  const mayCreate = useRole(tenant) !== 'viewer';
  const saves = mayCreate && filter !== null;
  const loading = data === undefined && !isError;
  const said = sayInstead(loading, isError, data?.length);
  const current = filter && JSON.stringify(filter);
  const close = () => {
    setDialog(null);
    button.current?.focus();
  };
  return (
    <>
      <Menu opened={opened && (saves || !loading)} onChange={setOpened} position="bottom-end" width={280}>
        <Menu.Target>
          <SavedFiltersButton ref={button} />
        </Menu.Target>
        <Menu.Dropdown className={classes.menu ?? ''}>
          {data?.map((one) => (
            <Menu.Item
              key={one.id}
              dir="auto"
              className={classes.item ?? ''}
              rightSection={
                JSON.stringify(one.filter) === current && <IconCheck size={16} stroke={1.75} aria-label="applied" />
              }
              onClick={() => onApply(one.filter)}
            >
              {one.name}
            </Menu.Item>
          ))}
          {/* A menu has at least one item, which takes the focus. */}
          {said && saves && <Menu.Label>{said}</Menu.Label>}
          {said && !saves && (
            <Menu.Item aria-disabled closeMenuOnClick={false} className={classes.empty ?? ''}>
              {said}
            </Menu.Item>
          )}
          {(saves || (data && data.length > 0)) && <Menu.Divider />}
          {saves && (
            <Menu.Item
              leftSection={<IconBookmarkPlus size={16} stroke={1.75} aria-hidden />}
              onClick={() => show('save')}
            >
              Save this filter
            </Menu.Item>
          )}
          {data && data.length > 0 && (
            <Menu.Item
              leftSection={<IconSettings size={16} stroke={1.75} aria-hidden />}
              onClick={() => show('manage')}
            >
              Manage saved filters
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {loaded.save && filter && (
        <SaveDialog opened={dialog === 'save'} tenant={tenant} filter={filter} onClose={close} />
      )}
      {loaded.manage && (
        <ManageDialog
          opened={dialog === 'manage'}
          tenant={tenant}
          filters={data ?? []}
          filter={filter}
          onClose={close}
        />
      )}
    </>
  );
}

// Returns what is said in place of the filters.
function sayInstead(loading: boolean, failed: boolean, filters = 0): string | undefined {
  if (loading) return 'Loading…';
  if (failed) return 'The saved filters could not be loaded.';
  return filters === 0 ? 'No saved filters yet' : undefined;
}
