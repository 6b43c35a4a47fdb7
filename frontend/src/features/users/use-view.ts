import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
import { asking, opening, readView, turned, type View } from './view';

const route = getRouteApi('/t/$tenant/users');

/** What may be done to the view. Each is a step of the browser's history, but for those that say otherwise. */
export interface ViewActions {
  /** Other users. `replace` makes no step of its own: for what is typed letter by letter. */
  ask: (change: Parameters<typeof asking>[1], replace?: boolean) => void;
  turn: (step: 1 | -1, cursor: string) => void;
  /** Opens a user, or closes the drawer; `replace` for going from one to the next. */
  open: (user: string | null, replace?: boolean) => void;
}

/** The users screen's view, kept in the address. */
export function useView(): { tenant: string; view: View } & ViewActions {
  const { tenant } = route.useParams();
  const view = readView(route.useSearch());
  const navigate = route.useNavigate();
  const ask = useCallback<ViewActions['ask']>(
    (change, replace = false) =>
      void navigate({ search: (before) => asking(before, change), replace, resetScroll: false }),
    [navigate],
  );
  const turn = useCallback<ViewActions['turn']>(
    (step, cursor) => void navigate({ search: (before) => turned(before, step, cursor), resetScroll: false }),
    [navigate],
  );
  const open = useCallback<ViewActions['open']>(
    (user, replace = false) =>
      void navigate({ search: (before) => opening(before, user), replace, resetScroll: false }),
    [navigate],
  );
  return { tenant, view, ask, turn, open };
}
