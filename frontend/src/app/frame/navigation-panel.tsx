import { IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useHasOutbox, useRole } from '@/api/me';
import { useMyLiveJob } from '@/jobs/live';
import { lazyPart } from '@/shared/lazy-part';
import { Brand } from '@/shared/ui/brand';
import { modName } from '@/shared/ui/keys';
import { placesOf } from '../navigation/places';
import classes from './navigation.module.css';
import { TenantSwitch } from './tenant-switch';

// Loaded after the page; its space is reserved.
const Account = lazyPart(async () => (await import('./account')).Account);

interface Props {
  tenant: string;
  /** Opens the command palette. */
  onPalette: () => void;
  /** Called when a link is chosen, so that the drawer closes. */
  onChosen?: () => void;
}

/** The navigation: tenant switch, command palette, pages, account menu. */
export function NavigationPanel({ tenant, onPalette, onChosen }: Props) {
  const hasOutbox = useHasOutbox();
  const role = useRole(tenant);
  return (
    <div className={classes.panel}>
      <div className={classes.brand}>
        <Brand />
      </div>
      <TenantSwitch tenant={tenant} onChosen={onChosen} />
      <button
        type="button"
        className={classes.palette}
        aria-haspopup="dialog"
        aria-keyshortcuts={modName === '⌘' ? 'Meta+K' : 'Control+K'}
        onClick={onPalette}
      >
        <IconSearch size={16} stroke={1.75} aria-hidden />
        <span className={classes.name}>Search or jump to…</span>
        <kbd aria-hidden>{modName === '⌘' ? '⌘K' : 'Ctrl K'}</kbd>
      </button>
      <ul className={classes.places}>
        {placesOf(role, hasOutbox).map(({ to, label, icon: Icon }) => (
          <li key={to}>
            <Link
              to={to}
              params={{ tenant }}
              activeOptions={{ includeSearch: false }}
              className={classes.place}
              onClick={() => onChosen?.()}
            >
              <Icon size={17} stroke={1.75} aria-hidden />
              <span className={classes.name}>{label}</span>
              {to === '/t/$tenant/exports' && <LiveBadge tenant={tenant} />}
            </Link>
          </li>
        ))}
      </ul>
      <div className={classes.account}>
        <Account tenant={tenant} onChosen={onChosen} />
      </div>
    </div>
  );
}

/** The progress of this admin's live export: a dot and the percentage. Nothing without a live export. */
function LiveBadge({ tenant }: { tenant: string }) {
  const job = useMyLiveJob(tenant);
  if (!job) return null;
  return (
    <span className={classes.badge}>
      <span className={classes.pulse} aria-hidden="true" />
      {job.status === 'queued' ? 'Queued' : `${job.progress.percent}%`}
    </span>
  );
}
