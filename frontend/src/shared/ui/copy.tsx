import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

/** A button that copies. Its icon is a tick for 2 s, and its name says so. */
export function Copy({ value, label }: { value: string; label: string }) {
  return (
    <CopyButton value={value} timeout={2_000}>
      {({ copied, copy }) => {
        const name = copied ? 'Copied' : label;
        const Icon = copied ? IconCheck : IconCopy;
        return (
          <Tooltip label={name}>
            <ActionIcon aria-label={name} onClick={copy}>
              <Icon size={16} stroke={1.75} />
            </ActionIcon>
          </Tooltip>
        );
      }}
    </CopyButton>
  );
}
