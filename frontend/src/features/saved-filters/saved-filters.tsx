import { useLoadedByPress } from '@/shared/ui/use-loaded-by-press';
import { SavedFiltersButton } from './saved-filters-button';
import type { SavedFiltersMenuProps } from './saved-filters-menu';

const loadMenu = async () => (await import('./saved-filters-menu')).SavedFiltersMenu;

/** Applies the tenant's saved filters, and saves the current one. */
export function SavedFilters(props: SavedFiltersMenuProps) {
  const [Menu, press] = useLoadedByPress(loadMenu, 'The saved filters');
  return Menu ? <Menu {...props} /> : <SavedFiltersButton aria-haspopup="menu" {...press(undefined)} />;
}
