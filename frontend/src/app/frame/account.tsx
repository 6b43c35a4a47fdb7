import { ActionIcon, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { lazy, Suspense, startTransition, useState } from 'react';
import { useMe, useRole } from '@/api/me';
import { themeOf } from '../navigation/themes';
import classes from './account.module.css';
import { AccountFace } from './account-face';
import type { AccountProps } from './account-props';

// The menus are code that most visits never need, so it is loaded when the pointer or the focus comes near.
const loadMenus = () => import('./account-menus');
const AccountMenus = lazy(async () => ({ default: (await loadMenus()).AccountMenus }));

/** The buttons of the logged-in admin's menus: account and theme. The first press loads the menus and opens one. */
export function Account(props: AccountProps) {
  const { data: me } = useMe();
  const role = useRole(props.tenant);
  const { colorScheme } = useMantineColorScheme();
  const [first, setFirst] = useState<'account' | 'theme' | null>(null);
  if (!me) return null;
  const theme = themeOf(colorScheme);
  const near = () => void loadMenus().catch(() => {}); // a press loads them again
  const open = (menu: 'account' | 'theme') => startTransition(() => setFirst(menu)); // the buttons stay meanwhile
  const menu = { 'aria-haspopup': 'menu', 'aria-expanded': false, onPointerEnter: near, onFocus: near } as const;
  if (first) {
    return (
      <Suspense>
        <AccountMenus {...props} me={me} first={first} />
      </Suspense>
    );
  }
  return (
    <div className={classes.account}>
      <UnstyledButton
        className={classes.me}
        aria-label={`Account: ${me.name || me.email}`}
        {...menu}
        onClick={() => open('account')}
      >
        <AccountFace me={me} role={role} />
      </UnstyledButton>
      <ActionIcon aria-label={`Theme: ${theme.label}`} {...menu} onClick={() => open('theme')}>
        <theme.icon size={17} stroke={1.75} />
      </ActionIcon>
    </div>
  );
}
