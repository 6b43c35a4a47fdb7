import type { MantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';

const system = { value: 'auto', label: 'System', icon: IconDeviceDesktop } as const;

/** The themes that an admin can choose. */
export const themes = [
  { value: 'light', label: 'Light', icon: IconSun },
  { value: 'dark', label: 'Dark', icon: IconMoon },
  system,
] as const satisfies { value: MantineColorScheme; label: string; icon: unknown }[];

/** Returns the theme with that value; that of the system for any other value. */
export function themeOf(value: string): (typeof themes)[number] {
  return themes.find((theme) => theme.value === value) ?? system;
}
