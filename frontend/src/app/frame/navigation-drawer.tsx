import { Drawer } from '@mantine/core';
import { useRef } from 'react';
import { useFocusReturn } from '@/shared/ui/use-focus-return';
import classes from './navigation.module.css';
import { NavigationPanel } from './navigation-panel';

interface Props {
  tenant: string;
  opened: boolean;
  onClose: () => void;
  /** Opens the command palette, after the drawer was closed. */
  onPalette: () => void;
}

/** The navigation of narrow screens. */
export function NavigationDrawer({ tenant, opened, onClose, onPalette }: Props) {
  // The palette opens after the focus is back on the page: it returns the focus to the same element.
  const wanted = useRef(false);
  useFocusReturn(opened, () => {
    if (wanted.current) onPalette();
    wanted.current = false;
  });
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="left"
      size={264}
      withCloseButton={false}
      returnFocus={false}
      classNames={{ root: classes.drawerRoot ?? '', content: classes.drawer ?? '', body: classes.drawerBody ?? '' }}
    >
      <Drawer.Title className="unseen">Navigation</Drawer.Title>
      <NavigationPanel
        tenant={tenant}
        onChosen={onClose}
        onPalette={() => {
          wanted.current = true;
          onClose();
        }}
      />
    </Drawer>
  );
}
