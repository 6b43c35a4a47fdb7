import { lazy, Suspense, useState } from 'react';
import { startTenant } from '@/api/last-tenant';
import { useMe } from '@/api/me';
import { Waiting } from '@/shared/ui/page-skeleton';
import { BareFrame } from './frame/bare-frame';
import { Frame } from './frame/frame';

const Account = lazy(async () => ({ default: (await import('@/features/account/account-page')).AccountPage }));

/** The account page, in the frame of the last opened tenant, or in a bare frame if no tenant can be opened. */
export function AccountPage() {
  const { data: me } = useMe();
  // Chosen once. A second factor that is set up on this page may open a tenant; a new frame would reset the page.
  const [tenant] = useState(() => {
    const last = me && startTenant(me);
    return me?.tenants.find(({ id, secondFactorMissing }) => id === last && !secondFactorMissing)?.id;
  });
  const page = (
    <Suspense fallback={<Waiting />}>
      <Account />
    </Suspense>
  );
  return tenant ? <Frame tenant={tenant}>{page}</Frame> : <BareFrame tenant={me && startTenant(me)}>{page}</BareFrame>;
}
