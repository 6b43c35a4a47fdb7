import { Menu, UnstyledButton } from '@mantine/core';
import { IconApi, IconLogout, IconUserCircle } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useLogout, useMe, useRole } from '@/api/me';
import { useReach } from '@/api/reach';
import classes from './account.module.css';
import { initials, roleNames } from './initials';
import { ThemeToggle } from './theme-toggle';

interface Props {
  /** The tenant whose role is shown. */
  tenant: string | undefined;
  /** Opens the menus downwards, for the header of a page. */
  below?: boolean;
  /** Called when a link is chosen, so that the drawer closes. */
  onChosen?: (() => void) | undefined;
}

/** The menu of the logged-in admin: name, role, account, log-out and theme. */
export function Account({ tenant, below = false, onChosen }: Props) {
  const { data: me } = useMe();
  const role = useRole(tenant);
  const { offline } = useReach();
  const logout = useLogout();
  const navigate = useNavigate();
  if (!me) return null;
  const name = me.name || me.email;
  const leave = () => logout.mutate(undefined, { onSuccess: () => void navigate({ to: '/login' }) });
  return (
    <div className={classes.account}>
      <Menu position={below ? 'bottom-start' : 'top-start'} width={200} withinPortal={false}>
        <Menu.Target>
          <UnstyledButton className={classes.me} aria-label={`Account: ${name}`}>
            <span className={classes.face} aria-hidden="true">
              {initials(name)}
            </span>
            <span className={classes.who}>
              <b dir="auto">{name}</b>
              <span>{role && roleNames[role]}</span>
            </span>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label className={classes.email ?? ''} dir="auto">
            {me.email}
          </Menu.Label>
          <Menu.Item
            leftSection={<IconUserCircle size={16} stroke={1.75} aria-hidden />}
            renderRoot={(props) => <Link to="/account" {...props} />}
            onClick={onChosen}
          >
            Account and security
          </Menu.Item>
          <Menu.Item component="a" href="/docs/api/" leftSection={<IconApi size={16} stroke={1.75} aria-hidden />}>
            API reference
          </Menu.Item>
          <Menu.Item
            leftSection={<IconLogout size={16} stroke={1.75} aria-hidden />}
            disabled={offline || logout.isPending}
            onClick={leave}
          >
            Log out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ThemeToggle below={below} />
    </div>
  );
}
