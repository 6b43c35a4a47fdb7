import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './figure.module.css';
import { count } from './format';

interface Props {
  /** The label of the figure: "users in all user stores". */
  label: ReactNode;
  /** The figure; undefined shows a skeleton. */
  value: number | undefined;
  /** A small addition: "3.8%". */
  note?: string | undefined;
  /** Whether the value is old and a new one is being counted. */
  stale?: boolean;
}

/** One of the figures of a page, in a `Figures` list. */
export function Figure({ label, value, note, stale = false }: Props) {
  return (
    <div className={classes.figure} data-stale={stale || undefined}>
      <dt>{label}</dt>
      <dd>
        {value === undefined ? <Skeleton height={26} width={96} my={3} /> : count(value)}
        {note && value !== undefined && <small>{note}</small>}
      </dd>
    </div>
  );
}

/** A row of figures. */
export function Figures({ children }: { children: ReactNode }) {
  return <dl className={classes.figures}>{children}</dl>;
}
