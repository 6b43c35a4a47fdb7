import { UnstyledButton, type UnstyledButtonProps } from '@mantine/core';
import { IconSelector } from '@tabler/icons-react';
import type { ComponentPropsWithRef } from 'react';
import { Mark } from '@/shared/ui/brand';
import { initials } from './initials';
import classes from './tenant-switch.module.css';

interface Props extends UnstyledButtonProps, Omit<ComponentPropsWithRef<'button'>, keyof UnstyledButtonProps> {
  /** The name of the current tenant. */
  name: string;
  /** Without a border, next to the logo: for the header of narrow screens. */
  plain?: boolean | undefined;
}

/** The button of the tenant switch. */
export function TenantButton({ name, plain = false, ...rest }: Props) {
  return (
    <UnstyledButton className={plain ? classes.plain : classes.switch} aria-label={`Tenant: ${name}`} {...rest}>
      {plain ? (
        <Mark size={20} />
      ) : (
        <span className={classes.square} aria-hidden="true">
          {initials(name)}
        </span>
      )}
      <span className={classes.name} dir="auto">
        {name}
      </span>
      <IconSelector size={16} stroke={1.75} aria-hidden />
    </UnstyledButton>
  );
}
