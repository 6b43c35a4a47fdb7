import { Button } from '@mantine/core';
import { type ComponentType, lazy, Suspense, useCallback, useMemo, useState } from 'react';
import type { Rule, UserCount } from '@/api/client';
import { isExact } from '@/api/exact-later';
import { useFigures } from '@/api/figures';
import { useStores } from '@/api/stores';
import { useSchema } from '@/api/user-schema';
import { type UserQuery, useUserCount } from '@/api/users';
import { useFilterFields } from '@/filter/fields';
import { filteredFields, parseFilter, serializeFilter } from '@/filter/filter';
import { FilterPills } from '@/filter/filter-pills';
import { Page } from '@/shared/ui/page';
import { EmptyState } from '@/shared/ui/states';
import { NoUsers } from './list/no-users';
import { UsersList } from './list/users-list';
import { ExportButton } from './toolbar/export-button';
import { FilterRow } from './toolbar/filter-row';
import { SearchField } from './toolbar/search-field';
import { StorePicker, storeTitle } from './toolbar/store-picker';
import { useExportBarrier } from './toolbar/use-export-barrier';
import { UsersFigures } from './toolbar/users-figures';
import classes from './users-page.module.css';
import { useView } from './view/use-view';

// The drawer is large and rarely used, so it is loaded when it is first opened.
const FilterDrawer = lazy(() => import('@/filter/filter-drawer').then((module) => ({ default: module.FilterDrawer })));
/** The props of the export dialog. */
export interface ExportDialogProps {
  opened: boolean;
  onClose: () => void;
  tenant: string;
  /** The users that the page shows. */
  initial: UserQuery;
}

interface Props {
  exportDialog: ComponentType<ExportDialogProps>;
}

/** The users of a tenant. The address contains the whole view, so that Reload, Back and a pasted link restore it. */
export function UsersPage({ exportDialog: ExportDialog }: Props) {
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
  const exporting = useOpening<null>();
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
          <ExportButton barrier={barrier} onPress={() => exporting.open(null)} />
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
            matches={asked && !broken && (matches.data || !matches.isError) ? matches.data : null}
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
                Clear it, or ask for a new link.
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
        {exporting.was && (
          <ExportDialog
            opened={exporting.opened}
            onClose={exporting.close}
            tenant={tenant}
            initial={{ store, filter, search }}
          />
        )}
      </Suspense>
    </Page>
  );
}

// Returns the exact count of the current query; undefined while it is not known. So the position of
// the page is spoken once.
function settled({ data, isPlaceholderData }: { data: UserCount | undefined; isPlaceholderData: boolean }) {
  return isPlaceholderData || !data || !isExact(data) ? undefined : data.users;
}

// Keeps whether a dialog is open, whether it ever was, and the argument it was opened with.
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
