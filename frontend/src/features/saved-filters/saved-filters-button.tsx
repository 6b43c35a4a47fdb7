import { Button, type ButtonProps } from '@mantine/core';
import { IconBookmark } from '@tabler/icons-react';
import type { ComponentPropsWithRef } from 'react';

/** The button of the menu of saved filters. */
export function SavedFiltersButton(props: ButtonProps & ComponentPropsWithRef<'button'>) {
  return (
    <Button variant="subtle" leftSection={<IconBookmark size={16} stroke={1.75} aria-hidden />} {...props}>
      Saved filters
    </Button>
  );
}
