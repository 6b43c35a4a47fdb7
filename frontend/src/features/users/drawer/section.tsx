import type { ReactNode } from 'react';
import classes from './user-drawer.module.css';

interface Props {
  title: string;
  /** The number of entries, after the title. */
  note: string;
  children: ReactNode;
}

/** A section of the drawer with a title. */
export function Section({ title, note, children }: Props) {
  return (
    <section className={classes.section}>
      <h3>
        {title}
        <span>{note}</span>
      </h3>
      {children}
    </section>
  );
}
