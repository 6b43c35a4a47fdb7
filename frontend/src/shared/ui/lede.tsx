import type { ReactNode } from 'react';
import { zoneName } from './format';
import classes from './lede.module.css';
import { useTimeZone } from './time';

/** What a page is for, in a sentence or two, and in which zone its times are. */
export function Lede({ children }: { children: ReactNode }) {
  const zone = useTimeZone();
  return (
    <p className={classes.lede}>
      {children} <small>Times in {zoneName(zone)}</small>
    </p>
  );
}
