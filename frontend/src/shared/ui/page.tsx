import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { tenantName, useMe } from '@/api/me';
import classes from './page.module.css';
import { useTitle } from './title';

interface Props {
  /** The page's only h1, and the first part of the document's title. */
  title: string;
  /** The content above the title, for example a breadcrumb. */
  before?: ReactNode;
  /** The content next to the title, for example a status. */
  aside?: ReactNode;
  /** Controls at the end of the title's row. */
  actions?: ReactNode;
  children: ReactNode;
}

/**
 * A page with title, controls and content. After navigation the frame moves the focus to the title.
 */
export function Page({ title, before, aside, actions, children }: Props) {
  const { tenant } = useParams({ strict: false });
  const me = useMe().data;
  useTitle(tenant ? `${title} · ${tenantName(me, tenant)}` : title);
  return (
    <>
      <header className={classes.head}>
        {before && <div className={classes.before}>{before}</div>}
        <h1 tabIndex={-1} data-page-title="">
          {title}
        </h1>
        {aside}
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </>
  );
}
