import type { Rule, SavedFilter } from '@/api/client';
import { Dialog } from '@/shared/ui/dialog';
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
    <Dialog title="Saved filters" opened={opened} onClose={onClose} size={560}>
      {filters.length === 0 ? (
        <p className={classes.note}>No saved filters yet</p>
      ) : (
        <ul className={classes.list} aria-label="Saved filters">
          {filters.map((saved) => (
            <FilterEntry key={saved.id} tenant={tenant} saved={saved} filter={filter} />
          ))}
        </ul>
      )}
    </Dialog>
  );
}
