import { SavedFilters } from '@/features/saved-filters/saved-filters';
import { UsersPage as Users } from '@/features/users/users-page';
import { lazyDialog } from '@/shared/ui/lazy-dialog';

// The dialog is large, so it is loaded when the pointer or the focus gets to its button.
const ExportDialog = lazyDialog(
  async () => (await import('@/features/export-dialog/export-dialog')).ExportDialog,
  'The export dialog',
);

/** The users page with the dialog that exports its users, and the tenant's saved filters. */
export function UsersPage() {
  return <Users exportDialog={ExportDialog} savedFilters={SavedFilters} />;
}
