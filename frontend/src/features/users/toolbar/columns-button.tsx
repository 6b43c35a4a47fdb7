import { Button, Popover } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconColumns3 } from '@tabler/icons-react';
import { type ComponentProps, type ComponentType, useState } from 'react';
import type { ColumnChooser } from '../column-chooser/column-chooser';

type ChooserProps = ComponentProps<typeof ColumnChooser>;

type Props = Omit<ChooserProps, 'schema'> & {
  /** Undefined until it is loaded. */
  schema: ChooserProps['schema'] | undefined;
};

/** The button of the column chooser, which is loaded when the button is first pressed. */
export function ColumnsButton({ schema, ...rest }: Props) {
  const [opened, setOpened] = useState(false);
  const [Chooser, setChooser] = useState<ComponentType<ChooserProps> | null>(null);
  const open = async () => {
    try {
      const loaded = await import('../column-chooser/column-chooser');
      setChooser(() => loaded.ColumnChooser);
      setOpened(true);
    } catch {
      notifications.show({ message: 'The columns could not be loaded. Try again.' });
    }
  };
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-end"
      trapFocus
      returnFocus
      width="min(340px, calc(100vw - 24px))"
    >
      <Popover.Target>
        <Button
          variant="subtle"
          leftSection={<IconColumns3 size={16} stroke={1.75} aria-hidden />}
          onClick={() => (opened ? setOpened(false) : void open())}
        >
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns">
        {Chooser && schema && <Chooser schema={schema} {...rest} />}
      </Popover.Dropdown>
    </Popover>
  );
}
