import { Skeleton } from '@mantine/core';
import classes from './waiting.module.css';

/** Stands where a page will be: its title's row and its table, so that nothing jumps. */
export function Waiting() {
  return (
    <div className={classes.page} role="status" aria-label="Loading">
      <Skeleton height={20} width={120} />
      <Skeleton height={32} width={320} mt={28} />
      <div className={classes.rows}>
        {['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((row) => (
          <div key={row} className={classes.row}>
            <Skeleton height={12} />
            <Skeleton height={12} />
            <Skeleton height={12} />
          </div>
        ))}
      </div>
    </div>
  );
}
