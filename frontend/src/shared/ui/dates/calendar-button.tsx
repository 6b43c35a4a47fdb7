import { ActionIcon, type ActionIconProps } from '@mantine/core';
import { IconCalendar } from '@tabler/icons-react';
import type { ComponentPropsWithRef } from 'react';

/** The button of a calendar. */
export function CalendarButton(props: ActionIconProps & ComponentPropsWithRef<'button'>) {
  return (
    <ActionIcon {...props}>
      <IconCalendar size={15} stroke={1.75} aria-hidden />
    </ActionIcon>
  );
}
