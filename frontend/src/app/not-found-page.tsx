import { Button } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useMembership } from '@/api/me';
import { Brand } from '@/shared/ui/brand';
import { EmptyState } from '@/shared/ui/states';
import { useTitle } from '@/shared/ui/title';
import classes from './frame/bare-frame.module.css';

/** The page of an unknown address, or of one that this admin may not see. Outside of a tenant it has a frame of its own. */
export function NotFoundPage() {
  const { tenant } = useParams({ strict: false });
  const framed = useMembership(tenant) !== undefined;
  useTitle('Not found');
  const state = (
    <EmptyState
      heading="h1"
      picture="unmatched"
      title="Page not found"
      actions={
        <Button component="a" href="/">
          Go to the start page
        </Button>
      }
    >
      Check the address. The page may be in a tenant that you do not have access to.
    </EmptyState>
  );
  if (framed) return state;
  return (
    <div className={classes.frame}>
      <header className={classes.header}>
        <a href="/" className={classes.brand}>
          <Brand />
        </a>
      </header>
      <main className={classes.sheet}>{state}</main>
    </div>
  );
}
