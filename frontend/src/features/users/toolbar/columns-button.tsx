import { useLoadedByPress } from '@/shared/ui/use-loaded-by-press';
import { ColumnsFace } from './columns-face';
import type { ColumnsProps } from './columns-popover';

const loadPopover = async () => (await import('./columns-popover')).ColumnsPopover;

/** Chooses the columns of the list. */
export function ColumnsButton(props: ColumnsProps) {
  const [Popover, press] = useLoadedByPress(loadPopover, 'The columns');
  return Popover ? <Popover {...props} /> : <ColumnsFace aria-haspopup="dialog" {...press(undefined)} />;
}
