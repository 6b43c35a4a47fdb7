import { Menu, UnstyledButton } from '@mantine/core';
import { IconApi, IconLogout } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useLogout, useMe, useRole } from '@/shared/api/me';
import { useReach } from '@/shared/api/reach';
import classes from './account.module.css';
import { initials, roleNames } from './initials';
import { ThemeToggle } from './theme-toggle';

/** Who is logged in, with which role here; the way out; the theme. */
export function Account({ tenant }: { tenant: string }) {
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
      <Menu position="top-start" width={200} withinPortal={false}>
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
      <ThemeToggle />
    </div>
  );
}
