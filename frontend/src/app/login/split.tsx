import type { ReactNode } from 'react';
import { Brand } from '@/shared/ui/brand';
import { useTitle } from '@/shared/ui/title';
import classes from './login.module.css';
import { Picture } from './picture';

interface Props {
  /** The h1, and the title of the document. */
  title: string;
  /** A sentence under it. */
  lead: ReactNode;
  children: ReactNode;
  foot: ReactNode;
}

/** The layout of pages without a session: the form on one half, a picture on the other. */
export function Split({ title, lead, children, foot }: Props) {
  useTitle(title);
  return (
    <div className={classes.split}>
      <main>
        <div className={classes.brand}>
          <Brand size={28} />
        </div>
        <div>
          <h1 dir="auto">{title}</h1>
          <p className={classes.lead}>{lead}</p>
          {children}
        </div>
        <p className={classes.foot}>{foot}</p>
      </main>
      <aside aria-hidden="true">
        <Picture />
      </aside>
    </div>
  );
}
