import { lazy } from 'react';
import { SavedFilters } from '@/features/saved-filters/saved-filters';
import { UsersPage as Users } from '@/features/users/users-page';

// The dialog is large and rarely used, so it is loaded when it is first opened.
const ExportDialog = lazy(async () => ({
  default: (await import('@/features/export-dialog/export-dialog')).ExportDialog,
}));

/** The users page with the dialog that exports its users, and the tenant's saved filters. */
export function UsersPage() {
  return <Users exportDialog={ExportDialog} savedFilters={SavedFilters} />;
}
