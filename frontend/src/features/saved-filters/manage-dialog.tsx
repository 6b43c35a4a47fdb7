import { Modal } from '@mantine/core';
import type { Rule, SavedFilter } from '@/api/client';
import { FilterEntry } from './filter-entry';
import classes from './saved-filters.module.css';

interface Props {
  opened: boolean;
  tenant: string;
  filters: readonly SavedFilter[];
  /** The current filter. */
  filter: Rule | null;
  onClose: () => void;
}

/** Renames, replaces and deletes saved filters, and copies their links. */
export function ManageDialog({ opened, tenant, filters, filter, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Saved filters" size={560} radius="lg" returnFocus={false}>
      {filters.length === 0 ? (
        <p className={classes.note}>No saved filters yet</p>
      ) : (
        <ul className={classes.list} aria-label="Saved filters">
          {filters.map((saved) => (
            <FilterEntry key={saved.id} tenant={tenant} saved={saved} filter={filter} />
          ))}
        </ul>
      )}
    </Modal>
  );
}
