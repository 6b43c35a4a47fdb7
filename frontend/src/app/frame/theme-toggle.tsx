import { ActionIcon, type MantineColorScheme, Menu, useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';

const choices = [
  { value: 'light', label: 'Light', icon: IconSun },
  { value: 'dark', label: 'Dark', icon: IconMoon },
  { value: 'auto', label: 'System', icon: IconDeviceDesktop },
] as const satisfies { value: MantineColorScheme; label: string; icon: unknown }[];

/** Switches the theme: light, dark or that of the system. The browser stores the choice for all tabs. */
export function ThemeToggle({ below = false }: { below?: boolean }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const chosen = choices.find(({ value }) => value === colorScheme) ?? choices[2];
  return (
    <Menu position={below ? 'bottom-end' : 'top-end'} width={150} withinPortal={false}>
      <Menu.Target>
        <ActionIcon aria-label={`Theme: ${chosen.label}`}>
          <chosen.icon size={17} stroke={1.75} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={chosen.value} onChange={(value) => setColorScheme(schemeOf(value))}>
          {choices.map(({ value, label, icon: Icon }) => (
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

function schemeOf(value: string): MantineColorScheme {
  return choices.find((choice) => choice.value === value)?.value ?? 'auto';
}
