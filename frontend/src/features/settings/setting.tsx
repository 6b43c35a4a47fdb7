import type { ReactNode } from 'react';
import classes from './settings.module.css';

interface Props {
  /** The ids of the elements that name and describe the control. */
  ids: { title: string; about: string };
  title: string;
  /** Explains the setting, below the title. */
  about: ReactNode;
  /** The error of the last change. */
  problem?: string | undefined;
  children: ReactNode;
}

/** One setting: title and explanation, and its control next to them. */
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
