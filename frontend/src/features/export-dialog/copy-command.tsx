import { Button, Menu } from '@mantine/core';
import { IconTerminal2 } from '@tabler/icons-react';
import type { Definition } from '@/api/client';
import { curlCommand, egressCommand } from '@/jobs/commands';
import { copyText } from '@/shared/ui/copy-text';

/** Copies the export of the dialog as a shell command. */
export function CopyCommand({ definition }: { definition: Definition }) {
  return (
    <Menu position="top-end" width={220} withinPortal={false}>
      <Menu.Target>
        <Button variant="subtle" leftSection={<IconTerminal2 size={16} stroke={1.75} aria-hidden />}>
          Copy as
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => copyText(curlCommand(definition, location.origin), 'cURL command copied')}>
          Copy as cURL
        </Menu.Item>
        <Menu.Item onClick={() => copyText(egressCommand(definition, location.origin), 'egress command copied')}>
          Copy as egress command
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
