import { Drawer } from '@mantine/core';
import { useLayoutEffect, useRef } from 'react';
import type { Rule } from '@/shared/api/client';
import type { Filter } from './filter';
import { FilterBuilder } from './filter-builder';
import classes from './filter-drawer.module.css';

/** What the builder is opened with. */
export interface FilterDrawerProps {
  opened: boolean;
  onClose: () => void;
  tenant: string;
  /** The store that the count is of: a store's id, or `all`. */
  store: string;
  /** The filter to begin with; null for none. */
  filter: Rule | null;
  /** The place of the rule to open, in the top group; left out for none, `add` for a new one. */
  rule?: number | 'add' | undefined;
  /** What the list is searched for, so that the count is the list's. */
  search?: string | undefined;
  /** "Show users": the rules that can be asked; null for none. `onClose` follows. */
  onApply: (filter: Filter | null) => void;
}

/** The filter builder. It is loaded when it is first opened: `lazy(() => import(...))`, since it is large. */
export function FilterDrawer({ opened, onClose, onApply, ...rest }: FilterDrawerProps) {
  // Closing has a question of its own where something was changed; what is inside answers.
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
      // Escape closes what is open inside first, so it is heard here and not at the window.
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

/** Gives the focus back to what had it before. The drawer's own way misses the first opening, when it is still loaded. */
function useFocusReturn(opened: boolean) {
  useLayoutEffect(() => {
    if (!opened) return;
    const before = document.activeElement;
    return () => {
      // Once the trap has let go.
      if (before instanceof HTMLElement) setTimeout(() => before.focus({ preventScroll: true }));
    };
  }, [opened]);
}
