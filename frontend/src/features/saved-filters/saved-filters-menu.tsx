import { Menu } from '@mantine/core';
import { IconBookmarkPlus, IconCheck, IconSettings } from '@tabler/icons-react';
import { lazy, Suspense, useRef, useState } from 'react';
import type { Rule } from '@/api/client';
import { useRole } from '@/api/me';
import { useSavedFilters } from '@/api/saved-filters';
import classes from './saved-filters.module.css';
import { SavedFiltersButton } from './saved-filters-button';

const SaveDialog = lazy(async () => ({ default: (await import('./save-dialog')).SaveDialog }));
const ManageDialog = lazy(async () => ({ default: (await import('./manage-dialog')).ManageDialog }));

interface Props {
  tenant: string;
  /** The current filter. */
  filter: Rule | null;
  onApply: (filter: Rule) => void;
}

/** Applies the tenant's saved filters, and saves the current one. The list is asked for when the menu opens. */
export function SavedFiltersMenu({ tenant, filter, onApply }: Props) {
  const [opened, setOpened] = useState(false);
  const [dialog, setDialog] = useState<'save' | 'manage' | null>(null);
  const [loaded, setLoaded] = useState<{ save?: boolean; manage?: boolean }>({}); // dialogs that were opened once
  const show = (name: 'save' | 'manage') => {
    setDialog(name);
    setLoaded((before) => ({ ...before, [name]: true }));
  };
  const button = useRef<HTMLButtonElement>(null);
  const { data, isError } = useSavedFilters(tenant, opened || dialog !== null);
  const mayCreate = useRole(tenant) !== 'viewer';
  const current = filter && JSON.stringify(filter);
  const close = () => {
    setDialog(null);
    button.current?.focus();
  };
  return (
    <>
      <Menu opened={opened} onChange={setOpened} position="bottom-end" width={280}>
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
          {data === undefined && (
            <Menu.Item disabled className={classes.empty ?? ''}>
              {isError ? 'The saved filters could not be loaded.' : 'Loading…'}
            </Menu.Item>
          )}
          {/* An item, not a label: a menu has at least one, which screen readers read. */}
          {data?.length === 0 && (
            <Menu.Item disabled className={classes.empty ?? ''}>
              No saved filters yet
            </Menu.Item>
          )}
          {((mayCreate && filter) || (data && data.length > 0)) && <Menu.Divider />}
          {mayCreate && filter && (
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
      <Suspense fallback={null}>
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
      </Suspense>
    </>
  );
}
