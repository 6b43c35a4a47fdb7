import { useMe } from '@/api/me';
import { lazyPart } from '@/shared/lazy-part';
import { Waiting } from '@/shared/ui/page-skeleton';
import { BareFrame } from './frame/bare-frame';

const ChooseTenantPage = lazyPart(async () => (await import('./choose-tenant-page')).ChooseTenantPage, {
  before: Waiting,
});
const NoTenantPage = lazyPart(async () => (await import('./no-tenant-page')).NoTenantPage, { before: Waiting });

/** The start page of an admin who has to choose a tenant, or has none. */
export function StartPage() {
  const tenants = useMe().data?.tenants ?? [];
  return <BareFrame>{tenants.length > 0 ? <ChooseTenantPage tenants={tenants} /> : <NoTenantPage />}</BareFrame>;
}
