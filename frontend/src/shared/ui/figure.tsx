import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './figure.module.css';
import { count } from './format';

interface Props {
  /** What is counted: "users in all user stores". */
  label: ReactNode;
  /** Undefined while it is not known: a skeleton of the figure's size. */
  value: number | undefined;
  /** A small addition: "3.8%". */
  note?: string | undefined;
  /** The last good value, while another is being counted. */
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

/** Figures side by side, divided by hairlines. */
export function Figures({ children }: { children: ReactNode }) {
  return <dl className={classes.figures}>{children}</dl>;
}
