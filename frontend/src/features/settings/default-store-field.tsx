import { useId } from 'react';
import type { Settings } from '@/api/client';
import { useReach } from '@/api/reach';
import { useChangeSettings } from '@/api/settings';
import { useStores } from '@/api/stores';
import { SelectField } from '@/shared/ui/select-field';
import { Setting } from './setting';
import classes from './settings.module.css';

interface Props {
  tenant: string;
  settings: Settings;
  /** False makes the control read-only. */
  mayChange: boolean;
}

/** The user store of users whom programs create without naming one. */
export function DefaultStoreField({ tenant, settings, mayChange }: Props) {
  const set = useChangeSettings(tenant);
  const stores = useStores(tenant).data ?? [];
  const { offline } = useReach();
  const ids = { title: useId(), about: useId() };
  return (
    <Setting
      ids={ids}
      title="Default user store"
      problem={set.error?.message}
      about="Users whom programs create without naming a user store belong to this one. Existing users stay where they are."
    >
      <SelectField
        className={classes.time ?? ''}
        aria-label="Default user store"
        aria-describedby={ids.about}
        data={stores.map(({ id, title }) => ({ value: id, label: title }))}
        value={settings.defaultUserStore}
        placeholder="No user stores"
        allowDeselect={false}
        disabled={!mayChange || offline || stores.length === 0}
        onChange={(defaultUserStore) => {
          if (defaultUserStore !== settings.defaultUserStore) set.mutate({ defaultUserStore });
        }}
      />
    </Setting>
  );
}
