import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { EmptyState } from '@/shared/ui/states';
import { useTitle } from '@/shared/ui/title';

/** The page of an admin without access to any tenant. */
export function NoTenantPage() {
  useTitle('No tenant');
  return (
    <EmptyState
      heading="h1"
      picture="barred"
      title="You do not have access to a tenant yet"
      actions={<Button renderRoot={(props) => <Link to="/account" {...props} />}>Your account</Button>}
    >
      Ask an owner of your organisation to invite you.
    </EmptyState>
  );
}
