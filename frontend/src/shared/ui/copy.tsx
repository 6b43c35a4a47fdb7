import { ActionIcon, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { Hint } from './hint';

/**
 * A button that copies a value. For 2 s after that its icon is a tick and its name says "Copied".
 */
export function Copy({ value, label }: { value: string; label: string }) {
  return (
    <CopyButton value={value} timeout={2_000}>
      {({ copied, copy }) => {
        const name = copied ? 'Copied' : label;
        const Icon = copied ? IconCheck : IconCopy;
        return (
          <Hint label={name}>
            <ActionIcon aria-label={name} onClick={copy}>
              <Icon size={16} stroke={1.75} />
            </ActionIcon>
          </Hint>
        );
      }}
    </CopyButton>
  );
}
