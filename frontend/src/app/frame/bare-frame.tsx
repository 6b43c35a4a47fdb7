import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { lazyPart } from '@/shared/lazy-part';
import { Brand } from '@/shared/ui/brand';
import classes from './bare-frame.module.css';
import { OfflineBanner } from './offline-banner';
import { SessionGuard } from './session-guard';
import { TenantSwitch } from './tenant-switch';

// Loaded after the page; its space is reserved.
const Account = lazyPart(async () => (await import('./account')).Account);

interface Props {
  /** The tenant of the page, if it has one. */
  tenant?: string | undefined;
  children: ReactNode;
}

/** The frame of a page without tenant data: tenant switch or home link, account menu, offline banner. */
export function BareFrame({ tenant, children }: Props) {
  return (
    <div className={classes.frame}>
      <header className={classes.header}>
        {tenant ? (
          <TenantSwitch tenant={tenant} plain />
        ) : (
          <Link to="/" className={classes.brand}>
            <Brand />
          </Link>
        )}
        <div className={classes.account}>
          <Account tenant={tenant} below />
        </div>
      </header>
      <main className={classes.sheet}>
        <OfflineBanner />
        {children}
      </main>
      <SessionGuard />
    </div>
  );
}
