import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import type { UserCount } from '@/api/client';
import classes from './figure.module.css';
import { count } from './format';
import { countWords } from './user-count';

interface Props {
  /** The label of the figure: "users in all user stores". */
  label: ReactNode;
  /** The figure; undefined shows a skeleton. */
  value: number | UserCount | undefined;
  /** A small addition: "3.8%". */
  note?: ReactNode;
  /** What to show instead of a missing figure. */
  missing?: ReactNode;
  /** A plot below the label. */
  plot?: ReactNode;
  /** Whether the value is old and a new one is being counted. */
  stale?: boolean;
}

/** One of the figures of a page, in a `Figures` list. */
export function Figure({ label, value, note, missing, plot, stale = false }: Props) {
  return (
    <div className={classes.figure} data-stale={stale || undefined}>
      <dt>{label}</dt>
      <dd>
        {/* The skeleton is as high as a line of the figure, so that nothing moves when it comes. */}
        {value === undefined ? (missing ?? <Skeleton height="calc(1lh - 6px)" width={96} my={3} />) : words(value)}
        {note && value !== undefined && (
          <>
            {' '}
            <small>{note}</small>
          </>
        )}
      </dd>
      {plot && <dd className={classes.plot}>{plot}</dd>}
    </div>
  );
}

function words(value: number | UserCount): string {
  return typeof value === 'number' ? count(value) : countWords(value);
}

/** A row of figures. */
export function Figures({ children }: { children: ReactNode }) {
  return (
    <div className={classes.clip}>
      <dl className={classes.figures}>{children}</dl>
    </div>
  );
}
