import type { SelectProps } from '@mantine/core';
import type { Ref } from 'react';
import type { Role } from '@/api/client';
import { SelectField } from '@/shared/ui/select-field';
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
    <SelectField
      data={choices}
      value={role}
      allowDeselect={false}
      onChange={(value) => {
        const to = roleOf(value);
        if (to && to !== role) onChange(to);
      }}
      {...rest}
    />
  );
}
