import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { counted } from './format';
import { inSentence, ListSkeleton, type ListTableProps } from './list-table';
import { StaleLine } from './stale-line';
import { ErrorState } from './states';
import classes from './whole-list.module.css';

interface Props<T> extends Omit<ListTableProps, 'children'> {
  list: UseQueryResult<readonly T[]>;
  /** The noun for one item: "key pair". */
  one: string;
  /** Shown instead of an empty list. */
  empty: ReactNode;
  children: (all: readonly T[]) => ReactNode;
}

/** Shows a list that is loaded in one request, and its loading, error and empty states. */
export function WholeList<T>({ list, label, one, columns, classes: own, empty, children }: Props<T>) {
  const place = useFocusAfterFewer(list.data?.length ?? 0);
  if (list.data === undefined) {
    return list.isError ? (
      <ErrorState
        title={`The ${inSentence(label)} could not be loaded`}
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

/** Moves the focus to the list when a row with the focus is removed. */
export function useFocusAfterFewer(rows: number) {
  const place = useRef<HTMLElement>(null);
  const before = useRef(rows);
  useEffect(() => {
    if (rows < before.current && document.activeElement === document.body) place.current?.focus();
    before.current = rows;
  }, [rows]);
  return place;
}
