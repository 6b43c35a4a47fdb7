import type { ReactNode } from 'react';
import classes from './settings.module.css';

interface Props {
  /** The ids by which the control takes its name and its description from here. */
  ids: { title: string; about: string };
  title: string;
  /** Under the title: what the setting does. */
  about: ReactNode;
  /** What went wrong with the last change. */
  problem?: string | undefined;
  children: ReactNode;
}

/** One thing that can be set: what it is called and does, and its control beside it. */
export function Setting({ ids, title, about, problem, children }: Props) {
  return (
    <div className={classes.setting}>
      <div className={classes.about}>
        <h3 id={ids.title}>{title}</h3>
        <div id={ids.about}>{about}</div>
      </div>
      <div className={classes.control}>
        {children}
        {problem && (
          <p role="alert" className={classes.problem}>
            {problem}
          </p>
        )}
      </div>
    </div>
  );
}
