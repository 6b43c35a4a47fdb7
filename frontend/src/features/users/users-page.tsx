import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type ComponentType, useCallback, useEffect, useEffectEvent, useMemo, useState } from 'react';
import type { Rule, UserCount, UserStore } from '@/api/client';
import { isExact } from '@/api/exact-later';
import { useFigures } from '@/api/figures';
import type { UserSort } from '@/api/keys';
import { useStores } from '@/api/stores';
import { useSchema } from '@/api/user-schema';
import { type UserQuery, useUserCount, useUsers } from '@/api/users';
import { useFilterFields } from '@/filter/fields';
import { filteredFields, parseFilter, serializeFilter } from '@/filter/filter';
import { FilterPills } from '@/filter/filter-pills';
import { useFirstPaint } from '@/shared/first-paint';
import { type LazyPart, lazyPart } from '@/shared/lazy-part';
import { lazyDialog } from '@/shared/ui/lazy-dialog';
import { Page } from '@/shared/ui/page';
import { EmptyState } from '@/shared/ui/states';
import { UsersList } from './list/users-list';
import { ColumnsButton } from './toolbar/columns-button';
import { ExportButton } from './toolbar/export-button';
import { FilterRow } from './toolbar/filter-row';
import { SearchField } from './toolbar/search-field';
import { storeTitle } from './toolbar/store-button';
import { StorePicker } from './toolbar/store-picker';
import { useExportBarrier } from './toolbar/use-export-barrier';
import { UsersFigures } from './toolbar/users-figures';
import classes from './users-page.module.css';
import { useView } from './view/use-view';

// The drawer is large and rarely used, so it is loaded when it is first opened.
const FilterDrawer = lazyDialog(async () => (await import('@/filter/filter-drawer')).FilterDrawer, 'The filter');
// Only a tenant without users shows it.
const NoUsers = lazyPart(async () => (await import('./list/no-users')).NoUsers);

const noStores: readonly UserStore[] = [];

/** The props of the export dialog. */
export interface ExportDialogProps {
  opened: boolean;
  onClose: () => void;
  tenant: string;
  /** The users that the page shows. */
  initial: UserQuery;
}

/** The props of the menu of saved filters. */
export interface SavedFiltersProps {
  tenant: string;
  /** The current filter. */
  filter: Rule | null;
  onApply: (filter: Rule) => void;
}

interface Props {
  exportDialog: LazyPart<ExportDialogProps>;
  savedFilters: ComponentType<SavedFiltersProps>;
}

/** The users of a tenant. The address contains the whole view, so that Reload, Back and a pasted link restore it. */
export function UsersPage({ exportDialog: ExportDialog, savedFilters: SavedFilters }: Props) {
  const { tenant, view, dialogAsked, dialogOpened, ask, turn, open } = useView();
  const { store, search, sort, cursor, limit } = view;
  const { filter, error } = useMemo(() => parseFilter(view.filter || undefined), [view.filter]);
  const broken = view.missing ? 'This saved filter does not exist.' : error;
  const fields = useFilterFields(tenant);
  const stores = useStores(tenant).data ?? noStores;
  const schema = useSchema(tenant).data;
  const asked = filter !== null || search !== '';
  const filtered = useMemo(() => filteredFields(filter), [filter]);
  const list = useUsers(tenant, broken ? null : { store, filter, search, sort, cursor, limit });
  // The database reads the rows first, and the browser shows them. Figures and counts, which may scan all users, follow.
  const rowsShown = broken !== null || list.isError || (list.data !== undefined && !list.isPlaceholderData);
  const painted = useFirstPaint();
  const first = store === 'all' && cursor === null && !asked && !broken;
  const none = first && rowsShown && list.data?.results.length === 0;
  const figures = useFigures(tenant, store, painted && rowsShown && !none);
  const matches = useUserCount(tenant, asked && !broken ? { store, filter, search } : null, painted && rowsShown);
  const filterDrawer = useOpening<number | 'add' | null>();
  const exporting = useOpening<null>();
  const users = figures.isPlaceholderData ? undefined : figures.data?.users;
  const barrier = useExportBarrier(tenant, { none, broken: broken !== null });

  const openAsked = useEffectEvent(() => {
    dialogOpened();
    if (barrier === null) exporting.open(null);
    else notifications.show({ message: barrier });
  });
  useEffect(() => {
    if (dialogAsked) openAsked();
  }, [dialogAsked]);

  const setFilter = useCallback((next: Rule | null) => ask({ filter: serializeFilter(next) }), [ask]);
  const setSort = useCallback((next: UserSort) => ask({ sort: next }), [ask]);
  const setSearch = useCallback((text: string, replace: boolean) => ask({ search: text }, replace), [ask]);

  return (
    <Page
      title="Users"
      actions={
        <>
          {!none && (
            <StorePicker tenant={tenant} stores={stores} value={store} onChange={(next) => ask({ store: next })} />
          )}
          <ExportButton barrier={barrier} onNear={ExportDialog.preload} onPress={() => exporting.open(null)} />
        </>
      }
    >
      {none ? (
        <NoUsers tenant={tenant} />
      ) : (
        <>
          <UsersFigures
            figures={figures}
            storeName={store === 'all' ? 'all user stores' : storeTitle(stores, store)}
            matches={asked && !broken ? matches : null}
            what={filter ? (search ? 'this filter and search' : 'this filter') : 'this search'}
          />
          <FilterRow
            search={<SearchField value={search} onSearch={setSearch} />}
            pills={
              broken ? null : (
                <FilterPills filter={filter} fields={fields} onChange={setFilter} onEdit={filterDrawer.open} />
              )
            }
            saved={<SavedFilters tenant={tenant} filter={broken ? null : filter} onApply={setFilter} />}
            columns={broken ? null : <ColumnsButton tenant={tenant} schema={schema} sort={sort} onSort={setSort} />}
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
              list={list}
              view={view}
              filter={filter}
              filtered={filtered}
              fields={fields}
              schema={schema}
              stores={stores}
              total={asked ? settled(matches) : users}
              exportable={barrier === null}
              ask={ask}
              turn={turn}
              open={open}
              setFilter={setFilter}
              setSort={setSort}
            />
          )}
        </>
      )}
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
