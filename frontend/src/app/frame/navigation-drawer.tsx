import { Drawer } from '@mantine/core';
import { useFocusReturn } from '@/shared/ui/use-focus-return';
import classes from './navigation.module.css';
import { NavigationPanel } from './navigation-panel';

interface Props {
  tenant: string;
  opened: boolean;
  onClose: () => void;
}

/** The navigation of narrow screens. */
export function NavigationDrawer({ tenant, opened, onClose }: Props) {
  useFocusReturn(opened);
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="left"
      size={264}
      withCloseButton={false}
      returnFocus={false}
      hiddenFrom="sm"
      classNames={{ content: classes.drawer ?? '', body: classes.drawerBody ?? '' }}
    >
      <Drawer.Title className="unseen">Navigation</Drawer.Title>
      <NavigationPanel tenant={tenant} onChosen={onClose} />
    </Drawer>
  );
}
