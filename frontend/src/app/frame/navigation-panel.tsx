import { NavLink } from '@mantine/core';
import { IconFileExport, IconHistory, IconKey, IconMail, IconSettings, IconUsers } from '@tabler/icons-react';
import { Link, useMatchRoute } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useHasOutbox, useRole } from '@/shared/api/me';
import { Brand } from '@/shared/ui/brand';
import { LiveBadge } from './live-badge';
import classes from './navigation.module.css';
import { TenantSwitch } from './tenant-switch';

// Its menus come after the page; their place is kept.
const Account = lazy(async () => ({ default: (await import('./account')).Account }));

interface Props {
  tenant: string;
  /** Called when a place was chosen: the drawer closes. */
  onChosen?: () => void;
}

/** The navigation: where, what, who. */
export function NavigationPanel({ tenant, onChosen }: Props) {
  const matches = useMatchRoute();
  const at = (to: `/t/$tenant/${'users' | 'exports' | 'outbox' | 'key-pairs' | 'audit-log' | 'settings'}`) =>
    Boolean(matches({ to, params: { tenant }, fuzzy: true }));
  // Viewers start no exports, so that no mail is for them; nor do they make key pairs.
  const hasOutbox = useHasOutbox();
  const role = useRole(tenant);
  const acts = role !== 'viewer';
  return (
    <div className={classes.panel}>
      <div className={classes.brand}>
        <Brand />
      </div>
      <TenantSwitch tenant={tenant} onChosen={onChosen} />
      <ul className={classes.places}>
        <li>
          <NavLink
            className={classes.place}
            renderRoot={(props) => (
              <Link to="/t/$tenant/users" params={{ tenant }} activeOptions={{ includeSearch: false }} {...props} />
            )}
            label="Users"
            active={at('/t/$tenant/users')}
            leftSection={<IconUsers size={17} stroke={1.75} aria-hidden />}
            onClick={() => onChosen?.()}
          />
        </li>
        <li>
          <NavLink
            className={classes.place}
            renderRoot={(props) => (
              <Link to="/t/$tenant/exports" params={{ tenant }} activeOptions={{ includeSearch: false }} {...props} />
            )}
            label="Exports"
            active={at('/t/$tenant/exports')}
            leftSection={<IconFileExport size={17} stroke={1.75} aria-hidden />}
            rightSection={<LiveBadge tenant={tenant} />}
            onClick={() => onChosen?.()}
          />
        </li>
        {hasOutbox && acts && (
          <li>
            <NavLink
              className={classes.place}
              renderRoot={(props) => (
                <Link to="/t/$tenant/outbox" params={{ tenant }} activeOptions={{ includeSearch: false }} {...props} />
              )}
              label="Outbox"
              active={at('/t/$tenant/outbox')}
              leftSection={<IconMail size={17} stroke={1.75} aria-hidden />}
              onClick={() => onChosen?.()}
            />
          </li>
        )}
        {acts && (
          <li>
            <NavLink
              className={classes.place}
              renderRoot={(props) => <Link to="/t/$tenant/key-pairs" params={{ tenant }} {...props} />}
              label="Key pairs"
              active={at('/t/$tenant/key-pairs')}
              leftSection={<IconKey size={17} stroke={1.75} aria-hidden />}
              onClick={() => onChosen?.()}
            />
          </li>
        )}
        {role === 'owner' && (
          <li>
            <NavLink
              className={classes.place}
              renderRoot={(props) => (
                <Link
                  to="/t/$tenant/audit-log"
                  params={{ tenant }}
                  activeOptions={{ includeSearch: false }}
                  {...props}
                />
              )}
              label="Audit log"
              active={at('/t/$tenant/audit-log')}
              leftSection={<IconHistory size={17} stroke={1.75} aria-hidden />}
              onClick={() => onChosen?.()}
            />
          </li>
        )}
        <li>
          <NavLink
            className={classes.place}
            renderRoot={(props) => <Link to="/t/$tenant/settings" params={{ tenant }} {...props} />}
            label="Settings"
            active={at('/t/$tenant/settings')}
            leftSection={<IconSettings size={17} stroke={1.75} aria-hidden />}
            onClick={() => onChosen?.()}
          />
        </li>
      </ul>
      <div className={classes.account}>
        <Suspense>
          <Account tenant={tenant} />
        </Suspense>
      </div>
    </div>
  );
}
