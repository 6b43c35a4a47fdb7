import { useParams } from '@tanstack/react-router';
import { type ReactNode, useLayoutEffect, useRef } from 'react';
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
  const heading = useRef<HTMLHeadingElement>(null);
  // A page replaces its title when it has loaded. A title that has the focus passes it on.
  useLayoutEffect(() => {
    const own = heading.current;
    return () => {
      if (document.activeElement === own) setTimeout(focusTitle);
    };
  }, []);
  useTitle(tenant ? `${title} · ${tenantName(me, tenant)}` : title);
  return (
    <>
      <header className={classes.head}>
        {before && <div className={classes.before}>{before}</div>}
        <h1 ref={heading} tabIndex={-1} data-page-title="">
          {title}
        </h1>
        {aside}
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </>
  );
}

function focusTitle() {
  if (document.activeElement !== document.body) return;
  document.querySelector<HTMLElement>('[data-page-title]')?.focus({ preventScroll: true });
}
