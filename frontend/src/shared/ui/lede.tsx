import type { ReactNode } from 'react';
import { zoneName } from './format';
import classes from './lede.module.css';
import { useTimeZone } from './time';

interface Props {
  children: ReactNode;
  /** Whether the page shows times, so that their zone is named. */
  times?: boolean;
}

/** The introduction of a page, with the time zone of its times. */
export function Lede({ children, times = true }: Props) {
  const zone = useTimeZone();
  return (
    <p className={classes.lede}>
      {children} {times && <small>Times in {zoneName(zone)}</small>}
    </p>
  );
}
