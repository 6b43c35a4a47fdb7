import { Select, type SelectProps } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import type { Ref } from 'react';
import type { Role } from '@/api/client';
import { choices, roleOf } from './roles';

interface Props extends Omit<SelectProps, 'role' | 'data' | 'value' | 'onChange'> {
  ref?: Ref<HTMLInputElement>;
  role: Role;
  /** Called with another role. */
  onChange: (role: Role) => void;
}

/** Selects a role. */
export function RoleField({ role, onChange, ...rest }: Props) {
  return (
    <Select
      data={choices}
      value={role}
      allowDeselect={false}
      rightSection={<IconChevronDown size={15} stroke={1.75} aria-hidden />}
      onChange={(value) => {
        const to = roleOf(value);
        if (to && to !== role) onChange(to);
      }}
      {...rest}
    />
  );
}
