import { type ReactNode, useId } from 'react';
import classes from './account.module.css';

interface Props {
  title: string;
  /** The fragment of the address, for links from other pages. */
  anchor?: string;
  /** One or two sentences that explain the section. */
  about?: ReactNode;
  children: ReactNode;
}

/** One part of the account page. */
export function Section({ title, anchor, about, children }: Props) {
  const id = useId();
  return (
    <section id={anchor} className={classes.section} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {about && <p className={classes.about}>{about}</p>}
      {children}
    </section>
  );
}

/** The error of the last action, next to the control. */
export function Problem({ error }: { error: Error | null }) {
  return error ? (
    <p role="alert" className={classes.problem}>
      {error.message}
    </p>
  ) : null;
}
