import { Button } from '@mantine/core';
import { useTitle } from '@/shared/ui/page';
import { EmptyState } from '@/shared/ui/states';

/** What stands at an address that is no page, or that this admin may not see. */
export function NotFoundPage() {
  useTitle('Not found');
  return (
    <EmptyState
      heading="h1"
      picture="unmatched"
      title="There is no such page"
      actions={
        <Button component="a" href="/">
          Go to the start
        </Button>
      }
    >
      The address may be mistyped, or it is in a tenant that you may not work in.
    </EmptyState>
  );
}
