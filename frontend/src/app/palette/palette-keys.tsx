import { useCallback } from 'react';
import { lazyDialog } from '@/shared/ui/lazy-dialog';
import { Wanted } from '@/shared/ui/wanted';
import { type Opened, usePaletteKeys } from './use-palette-keys';

// Loaded when they are first opened.
const Palette = lazyDialog(async () => (await import('./palette')).Palette, 'The command palette');
const ShortcutsSheet = lazyDialog(
  async () => (await import('./shortcuts-sheet')).ShortcutsSheet,
  'The list of shortcuts',
);

interface Props {
  tenant: string;
  opened: Opened;
  onChange: (opened: Opened) => void;
}

/** The command palette and the list of shortcuts. Keys open them; the palette has a button in the navigation, too. */
export function PaletteKeys({ tenant, opened, onChange }: Props) {
  const close = useCallback(() => onChange(null), [onChange]);
  usePaletteKeys(opened, onChange);
  return (
    <>
      <Wanted now={opened === 'palette'}>
        <Palette
          tenant={tenant}
          opened={opened === 'palette'}
          onClose={close}
          onShortcuts={() => onChange('shortcuts')}
        />
      </Wanted>
      <Wanted now={opened === 'shortcuts'}>
        <ShortcutsSheet opened={opened === 'shortcuts'} onClose={close} />
      </Wanted>
    </>
  );
}
