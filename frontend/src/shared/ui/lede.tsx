import type { ReactNode } from 'react';
import { zoneName } from './format';
import classes from './lede.module.css';
import { useTimeZone } from './time';

/** The introduction of a page, with the time zone of its times. */
export function Lede({ children }: { children: ReactNode }) {
  const zone = useTimeZone();
  return (
    <p className={classes.lede}>
      {children} <small>Times in {zoneName(zone)}</small>
    </p>
  );
}
