import { useEffect, useState } from 'react';
import type { UserPage } from '@/shared/api/client';
import type { ViewActions } from './use-view';
import type { View } from './view';

interface Options extends Pick<ViewActions, 'turn' | 'open'>, Pick<View, 'user' | 'cursor'> {
  /** The page behind the drawer; undefined while another is on its way. */
  shown: UserPage | undefined;
}

// A page that the drawer has turned to, and the one that it left.
interface Landing {
  on: 'first' | 'last';
  left: string | null;
}

/** Up and down through the list behind the drawer, over the ends of its page too. Null where there is no way on. */
export function useNeighbours({ shown, user, cursor, turn, open }: Options) {
  const [landing, setLanding] = useState<Landing | null>(null);
  // When the page is there, its first or last user is opened, unless the drawer was closed meanwhile.
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
