import { Select } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import type { Ref } from 'react';
import type { Role } from '@/shared/api/client';
import { choices, roleOf } from './words';

interface Props {
  ref?: Ref<HTMLInputElement>;
  /** Whose role it is, for readers. */
  label: string;
  role: Role;
  busy: boolean;
  onChange: (role: Role) => void;
}

/** A role, and the others that it can be. */
export function RoleField({ ref, label, role, busy, onChange }: Props) {
  return (
    <Select
      ref={ref}
      aria-label={label}
      data={choices}
      value={role}
      allowDeselect={false}
      disabled={busy}
      rightSection={<IconChevronDown size={15} stroke={1.75} aria-hidden />}
      onChange={(value) => {
        const to = roleOf(value);
        if (to && to !== role) onChange(to);
      }}
    />
  );
}
