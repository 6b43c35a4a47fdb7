import { ActionIcon, Menu, useMantineColorScheme } from '@mantine/core';
import { useOpenedMenu } from '@/shared/ui/use-loaded-by-press';
import { themeOf, themes } from '../navigation/themes';

/** Switches the theme: light, dark or that of the system. `first`: opens at once. The browser stores the choice for all tabs. */
export function ThemeMenu({ below, first }: { below: boolean; first: boolean }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [button, menu] = useOpenedMenu(first);
  const chosen = themeOf(colorScheme);
  return (
    <Menu position={below ? 'bottom-end' : 'top-end'} width={150} withinPortal={false} {...menu}>
      <Menu.Target>
        <ActionIcon ref={button} aria-label={`Theme: ${chosen.label}`}>
          <chosen.icon size={17} stroke={1.75} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={chosen.value} onChange={(value) => setColorScheme(themeOf(value).value)}>
          {themes.map(({ value, label, icon: Icon }) => (
            <Menu.RadioItem
              key={value}
              value={value}
              rightSection={<Icon size={16} stroke={1.75} aria-hidden />}
              closeMenuOnClick
            >
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
