import { Menu } from '@mantine/core';
import { IconTerminal2 } from '@tabler/icons-react';
import type { Definition } from '@/api/client';
import { copyText } from '@/shared/ui/copy-text';
import { accessKeyVariable, curlCommand, egressCommand, secretVariable } from './commands';

const shown = 5_000; // ms
const variables = `Set ${accessKeyVariable} and ${secretVariable} to a key pair before you run it.`;
const icon = <IconTerminal2 size={16} stroke={1.75} aria-hidden />;

/** The items of a menu that copy an export as a shell command. */
export function CopyCommandItems({ definition }: { definition: Definition }) {
  return (
    <>
      <Menu.Item
        leftSection={icon}
        onClick={() => copyText(curlCommand(definition, location.origin), `cURL command copied. ${variables}`, shown)}
      >
        Copy as cURL
      </Menu.Item>
      <Menu.Item
        leftSection={icon}
        onClick={() =>
          copyText(egressCommand(definition, location.origin), `egress command copied. ${variables}`, shown)
        }
      >
        Copy as egress command
      </Menu.Item>
    </>
  );
}
