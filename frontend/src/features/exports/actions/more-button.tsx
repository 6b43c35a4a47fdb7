import { ActionIcon, type ActionIconProps } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import type { ComponentPropsWithRef } from 'react';

type Props = ActionIconProps &
  ComponentPropsWithRef<'button'> & {
    /** The name of the job in a list of jobs; none on the job's own page. */
    of: string | undefined;
    framed?: boolean | undefined;
  };

/** The button of a job's menu. */
export function MoreButton({ of, framed = false, ...rest }: Props) {
  return (
    <ActionIcon
      variant={framed ? 'default' : 'subtle'}
      size={framed ? 'md' : 'sm'}
      aria-label={of ? `More for ${of}` : 'More'}
      {...rest}
    >
      <IconDots size={16} stroke={1.75} />
    </ActionIcon>
  );
}
