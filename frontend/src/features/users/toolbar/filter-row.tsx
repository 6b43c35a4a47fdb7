import { Button } from '@mantine/core';
import { IconAdjustmentsHorizontal } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './filter-row.module.css';

interface Props {
  /** The search field. */
  search: ReactNode;
  /** The filter as pills; null if it is invalid. */
  pills: ReactNode;
  /** The menu of saved filters. */
  saved: ReactNode;
  /** The column chooser; null if there is no list. */
  columns: ReactNode;
  /** Reports whether there is a filter to edit and to clear. */
  filtered: boolean;
  onEdit: () => void;
  onClear: () => void;
}

/** The search field and the filter pills, in one row. */
export function FilterRow({ search, pills, saved, columns, filtered, onEdit, onClear }: Props) {
  return (
    <div className={classes.row}>
      {search}
      {pills && (
        <>
          <span className={classes.divider} aria-hidden="true" />
          <div className={classes.pills}>{pills}</div>
        </>
      )}
      <div className={classes.ends}>
        {saved}
        {filtered && (
          <>
            <Button
              variant="subtle"
              onClick={onEdit}
              aria-label="Edit filter"
              leftSection={<IconAdjustmentsHorizontal size={16} stroke={1.75} />}
            >
              Edit<span className={classes.wide}>&nbsp;filter</span>
            </Button>
            <Button variant="subtle" onClick={onClear} aria-label="Clear filter">
              Clear
            </Button>
          </>
        )}
        {columns}
      </div>
    </div>
  );
}
