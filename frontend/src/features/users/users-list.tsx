import { Button } from '@mantine/core';
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import type { FilterField } from '@/features/filter/fields';
import { ApiError, type Rule, type UserSchema, type UserStore } from '@/shared/api/client';
import { useReach } from '@/shared/api/reach';
import { useUsers } from '@/shared/api/users';
import { clock } from '@/shared/ui/format';
import { ErrorState } from '@/shared/ui/states';
import { chooseColumns, expected } from './columns';
import { NoUsersInStore } from './no-users';
import { NobodyMatches } from './nobody-matches';
import { PagingFoot } from './paging-foot';
import { storeTitle } from './store-picker';
import { useNeighbours } from './use-neighbours';
import type { ViewActions } from './use-view';
import classes from './users-page.module.css';
import { UsersTable } from './users-table';
import type { View } from './view';

// It comes after the list, and before it is opened.
const loadDrawer = async () => ({ default: (await import('./user-drawer')).UserDrawer });
const UserDrawer = lazy(loadDrawer);

interface Props extends ViewActions {
  tenant: string;
  view: View;
  filter: Rule | null;
  filtered: ReadonlySet<string>;
  fields: readonly FilterField[];
  schema: UserSchema | undefined;
  stores: readonly UserStore[];
  /** All that match; undefined until they are counted. */
  total: number | undefined;
  exportable: boolean;
  setFilter: (filter: Rule | null) => void;
}

/** The list, its pages, and the drawer of the user that is open. */
export function UsersList({ tenant, view, filter, filtered, fields, schema, stores, total, ...rest }: Props) {
  const { ask, turn, open, setFilter, exportable } = rest;
  const { store, search, cursor, limit, page, user } = view;
  const { offline } = useReach();
  const list = useUsers(tenant, { store, filter, search, cursor, limit });
  const { data, error, isPlaceholderData, isFetching, dataUpdatedAt, refetch } = list;
  const columns = useMemo(() => (schema ? chooseColumns(schema) : expected), [schema]);
  const top = useTopOfPage(cursor);
  const neighbours = useNeighbours({ shown: isPlaceholderData ? undefined : data, user, cursor, turn, open });

  const [opened, setOpened] = useState(user !== null);
  if (user !== null && !opened) setOpened(true);
  useEffect(() => {
    loadDrawer().catch(() => {}); // it is asked for again when it is opened
  }, []);

  const empty = data?.results.length === 0 && !isPlaceholderData;
  // Which columns there are comes from the schema.
  const users = schema ? data?.results : undefined;
  return (
    <>
      <div className={classes.list} ref={top}>
        {error && data && !isPlaceholderData && (
          <p role="alert" className={classes.notice}>
            <span>
              The list could not be brought up to date. Shown as of {clock(new Date(dataUpdatedAt))}. {error.message}
            </span>
            <Button size="xs" variant="transparent" loading={isFetching} onClick={() => void refetch()}>
              Try again
            </Button>
          </p>
        )}
        {error && (!data || isPlaceholderData) ? (
          <ErrorState
            title="The users could not be loaded"
            error={error}
            retrying={isFetching}
            {...(isOfSearch(error)
              ? { actions: <Button onClick={() => ask({ search: '' })}>Clear search</Button> }
              : { onRetry: () => void refetch() })}
          />
        ) : (
          <>
            <UsersTable
              tenant={tenant}
              users={users}
              limit={limit}
              columns={columns}
              stores={stores}
              products={schema?.products ?? []}
              filtered={filtered}
              stale={isPlaceholderData}
              opened={user}
              onOpen={open}
            />
            {empty &&
              (filter || search ? (
                <NobodyMatches
                  tenant={tenant}
                  store={store}
                  filter={filter}
                  fields={fields}
                  search={search}
                  exportable={exportable}
                  onFilter={setFilter}
                  onClearSearch={() => ask({ search: '' })}
                />
              ) : (
                <NoUsersInStore store={storeTitle(stores, store)} onAll={() => ask({ store: 'all' })} />
              ))}
          </>
        )}
      </div>
      <PagingFoot
        shown={data}
        page={page}
        limit={limit}
        total={total}
        still={isPlaceholderData || offline}
        onTurn={turn}
        onLimit={(next) => ask({ limit: next })}
      />
      {opened && (
        <Suspense>
          <UserDrawer
            tenant={tenant}
            userId={user}
            listed={data?.results.find(({ user_id }) => user_id === user)}
            schema={schema}
            stores={stores}
            {...neighbours}
            onClose={() => open(null)}
          />
        </Suspense>
      )}
    </>
  );
}

// What the server does not take as a search, of too many words say: asking again would change nothing.
function isOfSearch(error: Error): boolean {
  return error instanceof ApiError && error.problem.field === 'search';
}

// Another page is read from its beginning, once it was scrolled out of sight.
function useTopOfPage(cursor: string | null) {
  const top = useRef<HTMLDivElement>(null);
  const before = useRef(cursor);
  useEffect(() => {
    if (before.current === cursor) return;
    before.current = cursor;
    const { current: list } = top;
    if (list && list.getBoundingClientRect().top < 0) list.scrollIntoView({ block: 'start' });
  }, [cursor]);
  return top;
}
