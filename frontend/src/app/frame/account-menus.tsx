import { Menu, UnstyledButton } from '@mantine/core';
import { IconApi, IconLogout, IconUserCircle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Me } from '@/api/client';
import { useLogout, useRole } from '@/api/me';
import { useReach } from '@/api/reach';
import { openPage } from '@/shared/open-page';
import { useOpenedMenu } from '@/shared/ui/use-loaded-by-press';
import classes from './account.module.css';
import { AccountFace } from './account-face';
import type { AccountProps } from './account-props';
import { ThemeMenu } from './theme-menu';

/** The props of the account menus. */
export interface AccountMenusProps extends AccountProps {
  me: Me;
  /** The menu that opens at once. */
  first: 'account' | 'theme';
}

/** The menus of the logged-in admin: account, API reference and log-out; theme. */
export function AccountMenus({ tenant, below = false, onChosen, me, first }: AccountMenusProps) {
  const role = useRole(tenant);
  const { offline } = useReach();
  const logout = useLogout();
  const [button, menu] = useOpenedMenu(first === 'account');
  const leave = () => logout.mutate(undefined, { onSuccess: () => openPage('/login') });
  return (
    <div className={classes.account}>
      <Menu position={below ? 'bottom-start' : 'top-start'} width={200} withinPortal={false} {...menu}>
        <Menu.Target>
          <UnstyledButton ref={button} className={classes.me} aria-label={`Account: ${me.name || me.email}`}>
            <AccountFace me={me} role={role} />
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
      <ThemeMenu below={below} first={first === 'theme'} />
    </div>
  );
}
