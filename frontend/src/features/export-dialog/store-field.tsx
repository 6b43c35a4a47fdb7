import { Select } from '@mantine/core';
import { IconChevronDown, IconDatabase } from '@tabler/icons-react';
import type { Ref } from 'react';
import type { UserStore } from '@/api/client';
import { useFigures } from '@/api/figures';
import { counted } from '@/shared/ui/format';
import classes from './fields.module.css';

interface Props {
  ref: Ref<HTMLInputElement>;
  tenant: string;
  stores: readonly UserStore[] | undefined;
  value: string | null;
  error: string | undefined;
  onChange: (store: string) => void;
}

const searchableFrom = 8; // stores; with more, the list is searchable

/** StoreField chooses one user store or all of them. */
export function StoreField({ ref, tenant, stores, value, error, onChange }: Props) {
  const { data: figures, isPlaceholderData } = useFigures(tenant, value ?? 'all');
  const known = (stores ?? []).map(({ id, title }) => ({ value: id, label: title }));
  const users = value !== null && figures && !isPlaceholderData ? counted(figures.users, 'user') : '';
  return (
    <Select
      ref={ref}
      label="User store"
      placeholder="Choose a user store"
      required
      data={[{ value: 'all', label: 'All user stores' }, ...known]}
      value={value}
      error={error}
      errorProps={{ role: 'alert' }}
      allowDeselect={false}
      searchable={known.length > searchableFrom}
      nothingFoundMessage="No such user store"
      leftSection={<IconDatabase size={16} stroke={1.75} />}
      rightSection={
        <span className={classes.count}>
          {users}
          <IconChevronDown size={15} stroke={1.75} />
        </span>
      }
      rightSectionWidth={users ? `calc(${users.length}ch + 32px)` : 32}
      rightSectionPointerEvents="none"
      onChange={(store) => store !== null && onChange(store)}
    />
  );
}
