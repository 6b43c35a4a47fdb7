import { useTitle } from '@/shared/ui/page';
import { EmptyState } from '@/shared/ui/states';

/** What an admin sees who may not work in any tenant yet. */
export function NoTenantPage() {
  useTitle('No tenant');
  return (
    <EmptyState heading="h1" picture="barred" title="You may not work in any tenant yet">
      An owner of your organisation can let you in.
    </EmptyState>
  );
}
