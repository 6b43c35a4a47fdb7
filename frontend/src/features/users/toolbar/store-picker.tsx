import { useLoadedByPress } from '@/shared/ui/use-loaded-by-press';
import { StoreButton, type StorePickerProps } from './store-button';

const loadList = async () => (await import('./store-list')).StoreList;

/** Selects the user store that the screen shows. */
export function StorePicker(props: StorePickerProps) {
  const [List, press] = useLoadedByPress(loadList, 'The user stores');
  if (List) return <List {...props} />;
  return <StoreButton stores={props.stores} value={props.value} aria-haspopup="listbox" {...press(undefined)} />;
}
