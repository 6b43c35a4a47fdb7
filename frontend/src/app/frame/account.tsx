import { ActionIcon, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { useMe, useRole } from '@/api/me';
import { useLoadedByPress } from '@/shared/ui/use-loaded-by-press';
import { themeOf } from '../navigation/themes';
import classes from './account.module.css';
import { AccountFace } from './account-face';
import type { AccountMenusProps } from './account-menus';
import type { AccountProps } from './account-props';

const loadMenus = async () => (await import('./account-menus')).AccountMenus;

/** The buttons of the logged-in admin's menus: account and theme. The first press loads the menus and opens one. */
export function Account(props: AccountProps) {
  const { data: me } = useMe();
  const role = useRole(props.tenant);
  const { colorScheme } = useMantineColorScheme();
  const [Menus, press, first] = useLoadedByPress<AccountMenusProps, 'account' | 'theme'>(loadMenus, 'The menu');
  if (!me) return null;
  if (Menus && first) return <Menus {...props} me={me} first={first} />;
  const theme = themeOf(colorScheme);
  return (
    <div className={classes.account}>
      <UnstyledButton
        className={classes.me}
        aria-label={`Account: ${me.name || me.email}`}
        aria-haspopup="menu"
        {...press('account')}
      >
        <AccountFace me={me} role={role} />
      </UnstyledButton>
      <ActionIcon aria-label={`Theme: ${theme.label}`} aria-haspopup="menu" {...press('theme')}>
        <theme.icon size={17} stroke={1.75} />
      </ActionIcon>
    </div>
  );
}
