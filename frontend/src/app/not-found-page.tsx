import { Button } from '@mantine/core';
import { useTitle } from '@/shared/ui/page';
import { EmptyState } from '@/shared/ui/states';

/** The page of an unknown address, or of one that this admin may not see. */
export function NotFoundPage() {
  useTitle('Not found');
  return (
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
}
