import { Popover } from '@mantine/core';
import type { ComponentProps } from 'react';
import { useOpenedMenu } from '@/shared/ui/use-loaded-by-press';
import { ColumnChooser } from '../column-chooser/column-chooser';
import { ColumnsFace } from './columns-face';

type ChooserProps = ComponentProps<typeof ColumnChooser>;

/** The props of the column chooser's button. */
export type ColumnsProps = Omit<ChooserProps, 'schema'> & {
  /** Undefined until it is loaded. */
  schema: ChooserProps['schema'] | undefined;
};

/** The button with the column chooser, which opens at once. */
export function ColumnsPopover({ schema, ...rest }: ColumnsProps) {
  const [button, popover] = useOpenedMenu();
  return (
    <Popover {...popover} position="bottom-end" trapFocus returnFocus width="min(340px, calc(100vw - 24px))">
      <Popover.Target>
        <ColumnsFace ref={button} onClick={() => popover.onChange(!popover.opened)} />
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns">{schema && <ColumnChooser schema={schema} {...rest} />}</Popover.Dropdown>
    </Popover>
  );
}
