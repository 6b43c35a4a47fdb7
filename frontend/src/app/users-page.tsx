import { lazy, Suspense } from 'react';
import { SavedFiltersButton } from '@/features/saved-filters/saved-filters-button';
import { type SavedFiltersProps, UsersPage as Users } from '@/features/users/users-page';
import { untilLoaded } from '@/shared/until-loaded';

// The dialog is large and rarely used, so it is loaded when it is first opened.
const ExportDialog = lazy(async () => ({
  default: (await import('@/features/export-dialog/export-dialog')).ExportDialog,
}));

// Loaded after the page; its button has the same size before.
const Menu = lazy(async () => ({
  default: (await untilLoaded(() => import('@/features/saved-filters/saved-filters-menu'))).SavedFiltersMenu,
}));

function SavedFilters(props: SavedFiltersProps) {
  return (
    <Suspense fallback={<SavedFiltersButton disabled />}>
      <Menu {...props} />
    </Suspense>
  );
}

/** The users page with the dialog that exports its users, and the tenant's saved filters. */
export function UsersPage() {
  return <Users exportDialog={ExportDialog} savedFilters={SavedFilters} />;
}
