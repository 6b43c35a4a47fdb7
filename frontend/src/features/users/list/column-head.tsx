import { IconArrowDown, IconArrowUp, IconFilterFilled } from '@tabler/icons-react';
import type { UserSort } from '@/api/keys';
import { directionOf, type ListColumn, nextSort } from '../user/list-columns';
import classes from './users-table.module.css';

interface Props {
  column: ListColumn;
  /** The filter has a rule about this column. */
  marked: boolean;
  sort: UserSort;
  onSort: (sort: UserSort) => void;
}

/** The heading of a column. If an index serves its order, it is a button that sorts the list. */
export function ColumnHead({ column: { kind, label, sort: key }, marked, sort, onSort }: Props) {
  const direction = key ? directionOf(sort, key) : null;
  const Arrow = direction === 'ascending' ? IconArrowUp : IconArrowDown;
  const mark = marked && (
    <>
      {' '}
      <IconFilterFilled size={12} className={classes.funnel} role="img" aria-label="filtered" />
    </>
  );
  return (
    <th
      role="columnheader"
      scope="col"
      data-column={kind === 'lead' ? undefined : kind}
      aria-sort={direction ?? undefined}
    >
      {key ? (
        <button
          type="button"
          className={classes.sort}
          data-sorted={direction ?? undefined}
          onClick={() => onSort(nextSort(sort, key))}
        >
          <span className={classes.heading}>{label}</span>
          {mark}
          <Arrow size={14} stroke={2} className={classes.arrow} aria-hidden />
        </button>
      ) : (
        <>
          {label}
          {mark}
        </>
      )}
    </th>
  );
}
