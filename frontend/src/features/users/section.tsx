import type { ReactNode } from 'react';
import classes from './user-drawer.module.css';

interface Props {
  title: string;
  /** At the end of the title's line: how many. */
  note: string;
  children: ReactNode;
}

/** A part of the drawer under its own title. */
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
