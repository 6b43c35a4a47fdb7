import { ActionIcon } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { Hint } from '@/shared/ui/hint';

interface Props {
  /** Why no export can be started now; null if one can. */
  barrier: string | null;
  /** The pointer or the focus is on the button. */
  onNear: () => void;
  onPress: () => void;
}

/** The download icon. While no export can be started it stays focusable and shows the reason. */
export function ExportButton({ barrier, onNear, onPress }: Props) {
  return (
    <Hint label={barrier ?? 'Export users'} position="bottom-end">
      <ActionIcon
        size="md"
        variant="filled"
        aria-label="Export users"
        aria-disabled={barrier !== null}
        aria-haspopup="dialog"
        onPointerEnter={onNear}
        onFocus={onNear}
        onClick={() => {
          if (barrier === null) onPress();
        }}
      >
        <IconDownload size={17} stroke={1.75} />
      </ActionIcon>
    </Hint>
  );
}
