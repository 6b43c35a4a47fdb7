import { NavLink } from '@mantine/core';
import {
  IconFileExport,
  IconHistory,
  IconKey,
  IconMail,
  IconSettings,
  IconUserShield,
  IconUsers,
} from '@tabler/icons-react';
import { Link, useMatchRoute } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import type { Role } from '@/shared/api/client';
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

type Seen = (role: Role | null, hasOutbox: boolean) => boolean;

const always: Seen = () => true;
// Viewers start no exports, so that no mail is for them; nor do they make key pairs.
const acts: Seen = (role) => role !== 'viewer';
const gets: Seen = (role, hasOutbox) => hasOutbox && role !== 'viewer';
const owns: Seen = (role) => role === 'owner';

const places = [
  { to: '/t/$tenant/users', label: 'Users', icon: IconUsers, seen: always },
  { to: '/t/$tenant/exports', label: 'Exports', icon: IconFileExport, seen: always },
  { to: '/t/$tenant/outbox', label: 'Outbox', icon: IconMail, seen: gets },
  { to: '/t/$tenant/key-pairs', label: 'Key pairs', icon: IconKey, seen: acts },
  { to: '/t/$tenant/admins', label: 'Admins', icon: IconUserShield, seen: owns },
  { to: '/t/$tenant/audit-log', label: 'Audit log', icon: IconHistory, seen: owns },
  { to: '/t/$tenant/settings', label: 'Settings', icon: IconSettings, seen: always },
] as const;

/** The navigation: where, what, who. */
export function NavigationPanel({ tenant, onChosen }: Props) {
  const matches = useMatchRoute();
  const hasOutbox = useHasOutbox();
  const role = useRole(tenant);
  return (
    <div className={classes.panel}>
      <div className={classes.brand}>
        <Brand />
      </div>
      <TenantSwitch tenant={tenant} onChosen={onChosen} />
      <ul className={classes.places}>
        {places
          .filter(({ seen }) => seen(role, hasOutbox))
          .map(({ to, label, icon: Icon }) => (
            <li key={to}>
              <NavLink
                className={classes.place}
                renderRoot={(props) => (
                  <Link to={to} params={{ tenant }} activeOptions={{ includeSearch: false }} {...props} />
                )}
                label={label}
                active={Boolean(matches({ to, params: { tenant }, fuzzy: true }))}
                leftSection={<Icon size={17} stroke={1.75} aria-hidden />}
                rightSection={to === '/t/$tenant/exports' && <LiveBadge tenant={tenant} />}
                onClick={() => onChosen?.()}
              />
            </li>
          ))}
      </ul>
      <div className={classes.account}>
        <Suspense>
          <Account tenant={tenant} />
        </Suspense>
      </div>
    </div>
  );
}
