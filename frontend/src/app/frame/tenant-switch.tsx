import { tenantName, useMe } from '@/api/me';
import { useLoadedByPress } from '@/shared/ui/use-loaded-by-press';
import { TenantButton } from './tenant-button';
import type { TenantListProps } from './tenant-list';

const loadList = async () => (await import('./tenant-list')).TenantList;

/** Shows the current tenant and switches to another one, on the same page. */
export function TenantSwitch(props: TenantListProps) {
  const [List, press] = useLoadedByPress(loadList, 'The tenants');
  const name = tenantName(useMe().data, props.tenant);
  if (List) return <List {...props} />;
  return <TenantButton name={name} plain={props.plain} aria-haspopup="listbox" {...press(undefined)} />;
}
