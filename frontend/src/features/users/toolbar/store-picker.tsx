import { Combobox, InputBase, useCombobox } from '@mantine/core';
import { IconCheck, IconChevronDown, IconDatabase } from '@tabler/icons-react';
import { useState } from 'react';
import type { UserStore } from '@/api/client';
import { useUserCount } from '@/api/users';
import { countWords } from '@/shared/ui/user-count';
import classes from './store-picker.module.css';

interface Props {
  tenant: string;
  stores: readonly UserStore[];
  /** A store's id, or `all`. */
  value: string;
  disabled?: boolean;
  onChange: (store: string) => void;
}

const maxCounted = 8; // above this the picker has a search field and shows no counts

/** Selects the user store that the screen shows. */
export function StorePicker({ tenant, stores, value, disabled = false, onChange }: Props) {
  const [search, setSearch] = useState('');
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setSearch('');
    },
    onDropdownOpen: () => combobox.updateSelectedOptionIndex('active'),
  });
  const title = storeTitle(stores, value);
  const wanted = search.trim().toLowerCase();
  const options = [{ id: 'all', title: 'All user stores' }, ...stores].filter((store) =>
    store.title.toLowerCase().includes(wanted),
  );
  const pick = (store: string) => {
    onChange(store);
    combobox.closeDropdown();
  };
  return (
    <Combobox
      store={combobox}
      keepMounted={false} // the options count users
      onOptionSubmit={pick}
      position="bottom-end"
      width={260}
      // The dropdown stays inside the window.
      middlewares={{ shift: { padding: 8 }, flip: true }}
    >
      <Combobox.Target targetType="button">
        <InputBase
          component="button"
          type="button"
          pointer
          className={classes.picker ?? ''}
          aria-label={`User store: ${title}`}
          disabled={disabled}
          leftSection={<IconDatabase size={16} stroke={1.75} />}
          rightSection={<IconChevronDown size={15} stroke={1.75} />}
          rightSectionPointerEvents="none"
          onClick={() => combobox.toggleDropdown()}
        >
          <span className={classes.title} aria-hidden="true">
            {value === 'all' ? (
              <>
                All <span className={classes.wide}>user </span>stores
              </>
            ) : (
              title
            )}
          </span>
        </InputBase>
      </Combobox.Target>
      <Combobox.Dropdown>
        {stores.length > maxCounted && (
          <Combobox.Search
            value={search}
            onChange={({ currentTarget }) => setSearch(currentTarget.value)}
            placeholder="Search user stores"
            aria-label="Search user stores"
          />
        )}
        <Combobox.Options aria-label="User stores" mah={320} className={classes.options ?? ''}>
          {options.map((store) => (
            <Combobox.Option
              key={store.id}
              value={store.id}
              active={store.id === value}
              className={classes.option ?? ''}
            >
              <span className={classes.name}>{store.title}</span>
              {stores.length <= maxCounted && <Users tenant={tenant} store={store.id} />}
              <IconCheck
                size={16}
                stroke={1.75}
                data-chosen={store.id === value}
                className={classes.tick}
                aria-hidden
              />
            </Combobox.Option>
          ))}
          {options.length === 0 && <Combobox.Empty>No matching user store</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

/** Returns the title of a store, or of `all`. */
export function storeTitle(stores: readonly UserStore[], id: string): string {
  return id === 'all' ? 'All user stores' : (stores.find((store) => store.id === id)?.title ?? id);
}

// The count is requested while the dropdown is open, and cached for 30 seconds.
function Users({ tenant, store }: { tenant: string; store: string }) {
  const { data } = useUserCount(tenant, { store, filter: null, search: '' });
  return <span className={classes.count}>{data === undefined ? '' : countWords(data)}</span>;
}
