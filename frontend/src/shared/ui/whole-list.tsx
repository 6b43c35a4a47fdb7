import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { counted } from './format';
import { ListSkeleton, type ListTableProps } from './list-table';
import { StaleLine } from './stale-line';
import { ErrorState } from './states';
import classes from './whole-list.module.css';

interface Props<T> extends Omit<ListTableProps, 'children'> {
  list: UseQueryResult<readonly T[]>;
  /** What one of them is called: "key pair". */
  one: string;
  /** Instead of the list where there is none. */
  empty: ReactNode;
  children: (all: readonly T[]) => ReactNode;
}

/** A list that comes as a whole: while it is loaded, where that failed, where there is nothing in it, and what it shows. */
export function WholeList<T>({ list, label, one, columns, classes: own, empty, children }: Props<T>) {
  const place = useFocusAfterFewer(list.data?.length ?? 0);
  if (list.data === undefined) {
    return list.isError ? (
      <ErrorState
        title={`The ${label.toLowerCase()} could not be loaded`}
        error={list.error}
        retrying={list.isFetching}
        onRetry={() => list.refetch()}
      />
    ) : (
      <ListSkeleton label={label} columns={columns} classes={own} />
    );
  }
  return (
    <section ref={place} tabIndex={-1} className={classes.list} aria-label={label}>
      {list.isRefetchError && (
        <StaleLine
          at={list.dataUpdatedAt}
          error={list.error}
          retrying={list.isRefetching}
          onRetry={() => list.refetch()}
        />
      )}
      <p role="status" className="unseen">
        {counted(list.data.length, one)}
      </p>
      {list.data.length > 0 ? children(list.data) : empty}
    </section>
  );
}

// A row that went, with the focus in it, leaves the focus to the list.
function useFocusAfterFewer(rows: number) {
  const place = useRef<HTMLElement>(null);
  const before = useRef(rows);
  useEffect(() => {
    if (rows < before.current && document.activeElement === document.body) place.current?.focus();
    before.current = rows;
  }, [rows]);
  return place;
}
