import { Button, Menu } from '@mantine/core';
import { IconTerminal2 } from '@tabler/icons-react';
import type { Definition } from '@/api/client';
import { CopyCommandItems } from '@/jobs/copy-command-items';

interface Props {
  definition: Definition;
  /** Called when the menu opens, and when it closes. */
  onOpened: (opened: boolean) => void;
}

/** Copies the export of the dialog as a shell command. */
export function CopyCommand({ definition, onOpened }: Props) {
  return (
    <Menu position="top-end" width={220} withinPortal={false} onChange={onOpened}>
      <Menu.Target>
        <Button variant="subtle" leftSection={<IconTerminal2 size={16} stroke={1.75} aria-hidden />}>
          Copy as
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <CopyCommandItems definition={definition} />
      </Menu.Dropdown>
    </Menu>
  );
}
