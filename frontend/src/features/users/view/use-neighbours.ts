import { useEffect, useState } from 'react';
import type { UserPage } from '@/api/client';
import type { ViewActions } from './use-view';
import type { View } from './view';

interface Options extends Pick<ViewActions, 'turn' | 'open'>, Pick<View, 'user' | 'cursor'> {
  /** The page of the list; undefined while another one is loading. */
  shown: UserPage | undefined;
}

// A turn of the page by the drawer: the user to open there, and the cursor of the previous page.
interface Landing {
  on: 'first' | 'last';
  left: string | null;
}

/** Returns the steps to the previous and the next user of the list, across pages. Null at the ends of the list. */
export function useNeighbours({ shown, user, cursor, turn, open }: Options) {
  const [landing, setLanding] = useState<Landing | null>(null);
  // Opens the first or last user of the loaded page, unless the drawer was closed in the meantime.
  useEffect(() => {
    if (!landing || !shown || cursor === landing.left) return;
    const to = landing.on === 'first' ? shown.results[0] : shown.results.at(-1);
    setLanding(null);
    if (to && user !== null) open(to.user_id, true);
  }, [landing, shown, cursor, user, open]);

  const at = shown && !landing ? shown.results.findIndex(({ user_id }) => user_id === user) : -1;
  if (!shown || at < 0) return { onBefore: null, onAfter: null };
  const step = (by: 1 | -1) => {
    const to = shown.results[at + by];
    if (to) return () => open(to.user_id, true);
    const next = by === 1 ? shown.next : shown.previous;
    if (!next) return null;
    return () => {
      setLanding({ on: by === 1 ? 'first' : 'last', left: cursor });
      turn(by, next);
    };
  };
  return { onBefore: step(-1), onAfter: step(1) };
}
