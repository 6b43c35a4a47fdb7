import { Button } from '@mantine/core';
import { IconDownload, IconFileDescription, IconRepeat, type TablerIcon } from '@tabler/icons-react';
import type { ReactNode, Ref } from 'react';
import type { Action } from './actions';

/** What an action is called where it stands alone. */
export const actionNames: Record<Action, string> = {
  cancel: 'Cancel',
  download: 'Download',
  'download-events': 'State events',
  'run-again': 'Run again',
  'save-manifest': 'Save manifest',
};

const icons: Record<Action, TablerIcon | null> = {
  cancel: null,
  download: IconDownload,
  'download-events': IconDownload,
  'run-again': IconRepeat,
  'save-manifest': IconFileDescription,
};

interface Props {
  action: Action;
  /** What it is done to, where that is not plain from what stands around it. */
  of?: string;
  /** Another text than the action's name, e.g. with the size. */
  children?: ReactNode;
  busy: boolean;
  disabled: boolean;
  primary?: boolean;
  small?: boolean;
  ref?: Ref<HTMLButtonElement>;
  onClick: () => void;
}

/** A button that does one thing with a job. While it is being done it keeps its place and its focus. */
export function ActionButton({ action, of, children, busy, disabled, primary, small, ref, onClick }: Props) {
  const Icon = icons[action];
  const name = actionNames[action];
  return (
    <Button
      ref={ref}
      size={small ? 'xs' : 'sm'}
      variant={primary ? 'filled' : 'default'}
      leftSection={Icon && <Icon size={15} stroke={1.75} />}
      aria-label={of && `${name}: ${of}`}
      aria-disabled={disabled || busy || undefined}
      aria-busy={busy || undefined}
      onClick={({ detail }) => {
        // The second click of a double click does nothing twice, however fast the first one was answered.
        if (!disabled && !busy && detail < 2) onClick();
      }}
    >
      {children ?? name}
    </Button>
  );
}
