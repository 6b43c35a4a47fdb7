import { Button, type ButtonProps } from '@mantine/core';
import { IconColumns3 } from '@tabler/icons-react';
import type { ComponentPropsWithRef } from 'react';

/** The button of the column chooser. */
export function ColumnsFace(props: ButtonProps & ComponentPropsWithRef<'button'>) {
  return (
    <Button variant="subtle" leftSection={<IconColumns3 size={16} stroke={1.75} aria-hidden />} {...props}>
      Columns
    </Button>
  );
}
