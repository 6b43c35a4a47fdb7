import { Button } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { StaleLine } from '@/features/exports/stale-line';
import { useKeyPairs } from '@/shared/api/key-pairs';
import { useRole } from '@/shared/api/me';
import { counted, zoneName } from '@/shared/ui/format';
import { EmptyState, ErrorState } from '@/shared/ui/states';
import { useTimeZone } from '@/shared/ui/time';
import classes from './key-list.module.css';
import { KeyTable, KeyTableSkeleton } from './key-table';

/** What key pairs are for, and those that there are. */
export function KeyList({ tenant, onNew }: { tenant: string; onNew: () => void }) {
  const list = useKeyPairs(tenant);
  const owner = useRole(tenant) === 'owner';
  const zone = useTimeZone();
  const place = useFocusAfterFewer(list.data?.length ?? 0);
  return (
    <>
      <p className={classes.lede}>
        Programs sign their requests with a key pair, with the rights that its admin has in this tenant; the{' '}
        <a href="/docs/api/">API reference</a> says how. {owner && 'As an owner you see everyone’s. '}
        <span>Times in {zoneName(zone)}</span>
      </p>
      {list.isPending && <KeyTableSkeleton whose={owner} />}
      {!list.data && list.isError && (
        <ErrorState
          title="The key pairs could not be loaded"
          error={list.error}
          retrying={list.isFetching}
          onRetry={() => list.refetch()}
        />
      )}
      {list.data && (
        <section ref={place} tabIndex={-1} className={classes.list} aria-label="Key pairs">
          {list.isRefetchError && (
            <StaleLine
              at={list.dataUpdatedAt}
              error={list.error}
              retrying={list.isRefetching}
              onRetry={() => list.refetch()}
            />
          )}
          <p role="status" className="unseen">
            {counted(list.data.length, 'key pair')}
          </p>
          {list.data.length > 0 ? (
            <KeyTable tenant={tenant} pairs={list.data} whose={owner} />
          ) : (
            <EmptyState title="No key pairs yet" actions={<Button onClick={onNew}>Make the first one</Button>}>
              Make one for each program, so that each can be revoked without the others.
            </EmptyState>
          )}
        </section>
      )}
    </>
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
