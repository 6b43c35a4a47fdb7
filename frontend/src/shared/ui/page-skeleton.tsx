import { Skeleton } from '@mantine/core';
import classes from './page-skeleton.module.css';

/** The placeholder of a page that is loading, in the size of a title and a table. */
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
