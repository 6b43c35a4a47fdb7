import { Button } from '@mantine/core';
import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import { useFilterFields } from '@/features/filter/fields';
import { filteredFields, parseFilter, serializeFilter } from '@/features/filter/filter';
import { FilterPills } from '@/features/filter/filter-pills';
import type { Rule } from '@/shared/api/client';
import { useFigures } from '@/shared/api/figures';
import { useStores } from '@/shared/api/stores';
import { useSchema } from '@/shared/api/user-schema';
import { useUserCount } from '@/shared/api/users';
import { Page } from '@/shared/ui/page';
import { EmptyState } from '@/shared/ui/states';
import { ExportButton } from './export-button';
import { FilterRow } from './filter-row';
import { NoUsers } from './no-users';
import { SearchField } from './search-field';
import { StorePicker, storeTitle } from './store-picker';
import { useExportBarrier } from './use-export-barrier';
import { useView } from './use-view';
import { UsersFigures } from './users-figures';
import { UsersList } from './users-list';
import classes from './users-page.module.css';

// Each is large and seldom needed: they are loaded when they are first opened.
const FilterDrawer = lazy(() =>
  import('@/features/filter/filter-drawer').then((module) => ({ default: module.FilterDrawer })),
);
const ExportDialog = lazy(() =>
  import('@/features/export-dialog/export-dialog').then((module) => ({ default: module.ExportDialog })),
);

/** The users of a tenant. All that it shows is in the address, so that reload, back and a pasted link show it again. */
export function UsersPage() {
  const { tenant, view, ask, turn, open } = useView();
  const { store, search } = view;
  const { filter, error: broken } = useMemo(() => parseFilter(view.filter || undefined), [view.filter]);
  const fields = useFilterFields(tenant);
  const stores = useStores(tenant).data ?? [];
  const schema = useSchema(tenant).data;
  const figures = useFigures(tenant, store);
  const asked = filter !== null || search !== '';
  const matches = useUserCount(tenant, asked && !broken ? { store, filter, search } : null);
  const filterDrawer = useOpening<number | 'add' | null>();
  const exportDialog = useOpening<null>();
  const users = figures.isPlaceholderData ? undefined : figures.data?.users;
  const none = users === 0 && store === 'all' && !asked && !broken;
  const barrier = useExportBarrier(tenant, { none, broken: broken !== null });

  const setFilter = useCallback((next: Rule | null) => ask({ filter: serializeFilter(next) }), [ask]);
  const setSearch = useCallback((text: string, replace: boolean) => ask({ search: text }, replace), [ask]);

  return (
    <Page
      title="Users"
      actions={
        <>
          {!none && (
            <StorePicker tenant={tenant} stores={stores} value={store} onChange={(next) => ask({ store: next })} />
          )}
          <ExportButton barrier={barrier} onPress={() => exportDialog.open(null)} />
        </>
      }
    >
      {none ? (
        <NoUsers tenant={tenant} />
      ) : (
        <>
          <UsersFigures
            tenant={tenant}
            store={store}
            storeName={store === 'all' ? 'all user stores' : storeTitle(stores, store)}
            matches={asked && !broken && !matches.isError ? matches.data : null}
            stale={matches.isPlaceholderData}
            what={filter ? (search ? 'this filter and search' : 'this filter') : 'this search'}
          />
          <FilterRow
            search={<SearchField value={search} onSearch={setSearch} />}
            pills={
              broken ? null : (
                <FilterPills filter={filter} fields={fields} onChange={setFilter} onEdit={filterDrawer.open} />
              )
            }
            filtered={filter !== null && !broken}
            onEdit={() => filterDrawer.open(null)}
            onClear={() => setFilter(null)}
          />
          {broken ? (
            <div className={classes.state}>
              <EmptyState
                picture="missing"
                title={broken.replace(/\.$/, '')}
                actions={<Button onClick={() => setFilter(null)}>Clear filter</Button>}
              >
                Nobody is shown, since nobody can tell whom it means. Ask for the link again, or begin anew.
              </EmptyState>
            </div>
          ) : (
            <UsersList
              tenant={tenant}
              view={view}
              filter={filter}
              filtered={filteredFields(filter)}
              fields={fields}
              schema={schema}
              stores={stores}
              total={asked ? settled(matches) : users}
              exportable={barrier === null}
              ask={ask}
              turn={turn}
              open={open}
              setFilter={setFilter}
            />
          )}
        </>
      )}
      <Suspense>
        {filterDrawer.was && (
          <FilterDrawer
            opened={filterDrawer.opened}
            onClose={filterDrawer.close}
            tenant={tenant}
            store={store}
            search={search}
            filter={filter}
            {...(filterDrawer.at !== null && { rule: filterDrawer.at })}
            onApply={setFilter}
          />
        )}
        {exportDialog.was && (
          <ExportDialog
            opened={exportDialog.opened}
            onClose={exportDialog.close}
            tenant={tenant}
            initial={{ store, filter, search }}
          />
        )}
      </Suspense>
    </Page>
  );
}

// A count that is of this question, not of the one before.
function settled({ data, isPlaceholderData }: { data: number | undefined; isPlaceholderData: boolean }) {
  return isPlaceholderData ? undefined : data;
}

// Whether something is open, whether it ever was, and what it was opened at.
function useOpening<At>() {
  const [state, setState] = useState<{ opened: boolean; at: At | null; was: boolean }>({
    opened: false,
    at: null,
    was: false,
  });
  const open = useCallback((at: At) => setState({ opened: true, at, was: true }), []);
  const close = useCallback(() => setState((before) => ({ ...before, opened: false })), []);
  return { ...state, open, close };
}
