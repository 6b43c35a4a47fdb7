import { useState } from 'react';
import { startTenant } from '@/api/last-tenant';
import { useMe } from '@/api/me';
import { AccountPage as Account } from '@/features/account/account-page';
import { BareFrame } from './frame/bare-frame';
import { Frame } from './frame/frame';

export { loadAccount } from '@/features/account/load-account';

/** The account page, in the frame of the last opened tenant, or in a bare frame if no tenant can be opened. */
export function AccountPage() {
  const { data: me } = useMe();
  // Chosen once. A second factor that is set up on this page may open a tenant; a new frame would reset the page.
  const [tenant] = useState(() => {
    const last = me && startTenant(me);
    return me?.tenants.find(({ id, secondFactorMissing }) => id === last && !secondFactorMissing)?.id;
  });
  if (!tenant) {
    return (
      <BareFrame tenant={me && startTenant(me)}>
        <Account />
      </BareFrame>
    );
  }
  return (
    <Frame tenant={tenant}>
      <Account />
    </Frame>
  );
}
