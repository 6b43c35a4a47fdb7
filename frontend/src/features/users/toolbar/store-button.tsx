import { InputBase, type InputBaseProps } from '@mantine/core';
import { IconChevronDown, IconDatabase } from '@tabler/icons-react';
import type { ComponentPropsWithRef } from 'react';
import type { UserStore } from '@/api/client';
import classes from './store-picker.module.css';

/** The props of the store picker. */
export interface StorePickerProps {
  tenant: string;
  stores: readonly UserStore[];
  /** A store's id, or `all`. */
  value: string;
  onChange: (store: string) => void;
}

type Props = Pick<StorePickerProps, 'stores' | 'value'> &
  InputBaseProps &
  Omit<ComponentPropsWithRef<'button'>, 'size' | 'value'>;

/** The button of the store picker. */
export function StoreButton({ stores, value, ...rest }: Props) {
  const title = storeTitle(stores, value);
  return (
    <InputBase
      component="button"
      type="button"
      pointer
      className={classes.picker ?? ''}
      aria-label={`User store: ${title}`}
      leftSection={<IconDatabase size={16} stroke={1.75} />}
      rightSection={<IconChevronDown size={15} stroke={1.75} />}
      rightSectionPointerEvents="none"
      {...rest}
    >
      <span className={classes.title} aria-hidden="true">
        {value === 'all' ? (
          <>
            All <span className={classes.wide}>user </span>stores
          </>
        ) : (
          title
        )}
      </span>
    </InputBase>
  );
}

/** Returns the title of a store, or of `all`. */
export function storeTitle(stores: readonly UserStore[], id: string): string {
  return id === 'all' ? 'All user stores' : (stores.find((store) => store.id === id)?.title ?? id);
}
