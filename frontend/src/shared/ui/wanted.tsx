import { type ReactNode, useState } from 'react';

/**
 * Mounts its children when `now` is first true and keeps them mounted, so that their closing
 * transition can run.
 */
export function Wanted({ now, children }: { now: boolean; children: ReactNode }) {
  const [once, setOnce] = useState(now);
  if (now && !once) setOnce(true);
  return once ? children : null;
}
