import { Drawer } from '@mantine/core';
import { useRef } from 'react';
import { useFocusReturn } from '@/shared/ui/use-focus-return';
import { FilterBuilder, type FilterBuilderProps } from './filter-builder';
import classes from './filter-drawer.module.css';

/** The props of the drawer. */
export interface FilterDrawerProps extends FilterBuilderProps {
  opened: boolean;
}

/** The drawer with the filter builder. It is large, so import it lazily. */
export function FilterDrawer({ opened, onClose, onApply, ...rest }: FilterDrawerProps) {
  // The content sets it: with unsaved changes, closing asks first.
  const askToClose = useRef(onClose);
  useFocusReturn(opened);
  return (
    <Drawer.Root
      opened={opened}
      onClose={() => askToClose.current()}
      position="right"
      size={720}
      padding={0}
      returnFocus={false}
      // Escape first closes an open list inside the drawer, so the drawer handles the key itself.
      closeOnEscape={false}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented || event.nativeEvent.isComposing) return;
        const list = event.target instanceof Element && event.target.closest('[data-mantine-stop-propagation="true"]');
        if (!list) askToClose.current();
      }}
    >
      <Drawer.Overlay color="var(--overlay)" backgroundOpacity={1} blur={0} />
      <Drawer.Content className={classes.content}>
        <FilterBuilder
          {...rest}
          askToClose={askToClose}
          onClose={onClose}
          onApply={(filter) => {
            onApply(filter);
            onClose();
          }}
        />
      </Drawer.Content>
    </Drawer.Root>
  );
}
