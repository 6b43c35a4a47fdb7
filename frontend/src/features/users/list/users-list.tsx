import { Button } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import { ApiError, type Rule, type UserSchema, type UserStore } from '@/api/client';
import type { UserSort } from '@/api/keys';
import { useReach } from '@/api/reach';
import type { useUsers } from '@/api/users';
import type { FilterField } from '@/filter/fields';
import { lazyPart } from '@/shared/lazy-part';
import { clock } from '@/shared/ui/format';
import { lazyDialog } from '@/shared/ui/lazy-dialog';
import { ErrorState } from '@/shared/ui/states';
import { storeTitle } from '../toolbar/store-button';
import { chooseColumns } from '../user/columns';
import { expectedColumns, listColumns } from '../user/list-columns';
import { useNeighbours } from '../view/use-neighbours';
import type { ViewActions } from '../view/use-view';
import type { View } from '../view/view';
import { PagingFoot } from './paging-foot';
import classes from './users-list.module.css';
import { UsersTable } from './users-table';

// Loaded when the pointer or the focus gets to the list, before the drawer is first opened.
const UserDrawer = lazyDialog(async () => (await import('../drawer/user-drawer')).UserDrawer, 'The user');

// What an empty list says is loaded for one.
const NoUsersInStore = lazyPart(async () => (await import('./no-users')).NoUsersInStore);
const NobodyMatches = lazyPart(async () => (await import('./nobody-matches')).NobodyMatches);

const noProducts: UserSchema['products'] = [];

interface Props extends ViewActions {
  tenant: string;
  /** The page of users. */
  list: ReturnType<typeof useUsers>;
  view: View;
  filter: Rule | null;
  filtered: ReadonlySet<string>;
  fields: readonly FilterField[];
  schema: UserSchema | undefined;
  stores: readonly UserStore[];
  /** The number of matching users; undefined until they are counted. */
  total: number | undefined;
  exportable: boolean;
  setFilter: (filter: Rule | null) => void;
  setSort: (sort: UserSort) => void;
}

/** The list of users with its paging, and the drawer of the opened user. */
export function UsersList({ tenant, list, view, filter, filtered, fields, schema, stores, total, ...rest }: Props) {
  const { ask, turn, open, setFilter, setSort, exportable } = rest;
  const { store, search, sort, cursor, limit, page, user } = view;
  const { offline } = useReach();
  const { data, error, isPlaceholderData, isFetching, dataUpdatedAt, refetch } = list;
  const shown = useMemo(() => (schema ? listColumns(schema) : { columns: expectedColumns, chosen: false }), [schema]);
  const { name } = useMemo(() => chooseColumns(schema), [schema]);
  const top = useTopOfPage(cursor);
  const neighbours = useNeighbours({ shown: isPlaceholderData ? undefined : data, user, cursor, turn, open });

  const [opened, setOpened] = useState(user !== null);
  if (user !== null && !opened) setOpened(true);
  const empty = data?.results.length === 0 && !isPlaceholderData;
  // The columns depend on the schema.
  const users = schema ? data?.results : undefined;
  return (
    <>
      <div className={classes.list} ref={top} onPointerEnter={UserDrawer.preload} onFocusCapture={UserDrawer.preload}>
        {error && data && !isPlaceholderData && (
          <p role="alert" className={classes.notice}>
            <span>
              The list could not be refreshed. Data as of {clock(new Date(dataUpdatedAt))}. {error.message}
            </span>
            <Button size="xs" variant="transparent" loading={isFetching} onClick={() => void refetch()}>
              Retry
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
            <div className={classes.scroll} data-chosen={shown.chosen || undefined}>
              <UsersTable
                tenant={tenant}
                users={users}
                limit={limit}
                {...shown}
                name={name}
                stores={stores}
                products={schema?.products ?? noProducts}
                filtered={filtered}
                sort={sort}
                onSort={setSort}
                stale={isPlaceholderData}
                opened={user}
                onOpen={open}
              />
            </div>
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
        <UserDrawer
          tenant={tenant}
          userId={user}
          listed={data?.results.find(({ user_id }) => user_id === user)}
          schema={schema}
          stores={stores}
          {...neighbours}
          onClose={() => open(null)}
        />
      )}
    </>
  );
}

// Reports whether the server refused the search, for example for too many words. A retry would not help.
function isOfSearch(error: Error): boolean {
  return error instanceof ApiError && error.problem.field === 'search';
}

// Scrolls to the top of a new page if the top of the list is out of sight.
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
