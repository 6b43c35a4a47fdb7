import { getRouteApi, useRouterState } from '@tanstack/react-router';
import { useCallback } from 'react';
import { readView, type View, withoutDialog, withPage, withQuery, withUser } from './view';

const route = getRouteApi('/t/$tenant/users');

/** The changes of the view. Each adds an entry to the browser's history, except with `replace`. */
export interface ViewActions {
  /** Changes the query. `replace` replaces the history entry: for each further letter of a search. */
  ask: (change: Parameters<typeof withQuery>[1], replace?: boolean) => void;
  turn: (step: 1 | -1, cursor: string) => void;
  /** Opens a user, or closes the drawer for null. `replace` for steps to the previous or next user. */
  open: (user: string | null, replace?: boolean) => void;
}

/** Returns the view of the Users screen, which the address contains, and the ways to change it. */
export function useView(): {
  tenant: string;
  view: View;
  /**
   * The address asks for the export dialog, as the command palette does, and the page is shown: its title has had the
   * focus. `dialogOpened` removes the request from the address.
   */
  dialogAsked: boolean;
  dialogOpened: () => void;
} & ViewActions {
  const { tenant } = route.useParams();
  const view = readView(route.useSearch());
  const navigate = route.useNavigate();
  const dialogAsked = useRouterState({
    select: ({ status, location }) =>
      status === 'idle' && new URLSearchParams(location.searchStr).get('dialog') === 'export',
  });
  const dialogOpened = useCallback(
    () => void navigate({ search: (before) => withoutDialog(before), replace: true, resetScroll: false }),
    [navigate],
  );
  const ask = useCallback<ViewActions['ask']>(
    (change, replace = false) =>
      void navigate({ search: (before) => withQuery(before, change), replace, resetScroll: false }),
    [navigate],
  );
  const turn = useCallback<ViewActions['turn']>(
    (step, cursor) => void navigate({ search: (before) => withPage(before, step, cursor), resetScroll: false }),
    [navigate],
  );
  const open = useCallback<ViewActions['open']>(
    (user, replace = false) =>
      void navigate({ search: (before) => withUser(before, user), replace, resetScroll: false }),
    [navigate],
  );
  return { tenant, view, dialogAsked, dialogOpened, ask, turn, open };
}
