import { lazy, useCallback, useState } from 'react';
import { Wanted } from '@/shared/ui/wanted';
import { type Opened, usePaletteKeys } from './use-palette-keys';

// Loaded when they are first opened.
const Palette = lazy(async () => ({ default: (await import('./palette')).Palette }));
const ShortcutsSheet = lazy(async () => ({ default: (await import('./shortcuts-sheet')).ShortcutsSheet }));

/** The command palette and the list of shortcuts, which keys open. */
export function PaletteKeys({ tenant }: { tenant: string }) {
  const [opened, setOpened] = useState<Opened>(null);
  const close = useCallback(() => setOpened(null), []);
  usePaletteKeys(opened, setOpened);
  return (
    <>
      <Wanted now={opened === 'palette'}>
        <Palette
          tenant={tenant}
          opened={opened === 'palette'}
          onClose={close}
          onShortcuts={() => setOpened('shortcuts')}
        />
      </Wanted>
      <Wanted now={opened === 'shortcuts'}>
        <ShortcutsSheet opened={opened === 'shortcuts'} onClose={close} />
      </Wanted>
    </>
  );
}
