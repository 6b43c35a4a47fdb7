import { Button } from '@mantine/core';
import { IconDownload, IconFileDescription, IconRepeat, type TablerIcon } from '@tabler/icons-react';
import type { ReactNode, Ref } from 'react';
import type { Action } from './actions';

/** The button text of each action. */
export const actionNames: Record<Action, string> = {
  cancel: 'Cancel',
  download: 'Download',
  'download-events': 'State events',
  'run-again': 'Run again',
  'run-events-again': 'Run state events again',
  'save-manifest': 'Save manifest',
};

const icons: Record<Action, TablerIcon | null> = {
  cancel: null,
  download: IconDownload,
  'download-events': IconDownload,
  'run-again': IconRepeat,
  'run-events-again': IconRepeat,
  'save-manifest': IconFileDescription,
};

interface Props {
  action: Action;
  /** The job's title, for the accessible name in a list of several jobs. */
  of?: string;
  /** Replaces the action's name, for example "Download 48.1 MB". */
  children?: ReactNode;
  busy: boolean;
  disabled: boolean;
  primary?: boolean;
  small?: boolean;
  ref?: Ref<HTMLButtonElement>;
  onClick: () => void;
}

/**
 * ActionButton runs one action of a job. While the action runs, the button keeps its place and its
 * focus.
 */
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
        // Ignore the second click of a double click, even if the first request has already been
        // answered.
        if (!disabled && !busy && detail < 2) onClick();
      }}
    >
      {children ?? name}
    </Button>
  );
}
