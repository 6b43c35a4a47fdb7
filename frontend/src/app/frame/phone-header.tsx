import { ActionIcon } from '@mantine/core';
import { IconFileExport, IconMenu2 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMyLiveJob } from '@/jobs/live';
import classes from './phone-header.module.css';
import { TenantSwitch } from './tenant-switch';

interface Props {
  tenant: string;
  menuOpened: boolean;
  onMenu: () => void;
}

/** The header of narrow screens: menu, tenant switch, and a link to the exports with a dot during a live export. */
export function PhoneHeader({ tenant, menuOpened, onMenu }: Props) {
  const live = useMyLiveJob(tenant);
  return (
    <div className={classes.header}>
      <ActionIcon size={44} aria-label="Menu" aria-expanded={menuOpened} aria-haspopup="dialog" onClick={onMenu}>
        <IconMenu2 size={20} stroke={1.75} />
      </ActionIcon>
      <TenantSwitch tenant={tenant} plain />
      <ActionIcon
        size={44}
        className={classes.exports ?? ''}
        data-live={live !== undefined || undefined}
        aria-label={live ? 'Exports, one is running' : 'Exports'}
        renderRoot={(props) => <Link to="/t/$tenant/exports" params={{ tenant }} {...props} />}
      >
        <IconFileExport size={20} stroke={1.75} />
      </ActionIcon>
    </div>
  );
}
