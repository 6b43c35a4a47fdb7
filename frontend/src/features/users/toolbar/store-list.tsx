import { Combobox, useCombobox } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useUserCount } from '@/api/users';
import { useOpenedByPress } from '@/shared/ui/use-loaded-by-press';
import { countWords } from '@/shared/ui/user-count';
import { StoreButton, type StorePickerProps } from './store-button';
import classes from './store-picker.module.css';

const maxCounted = 8; // above this the picker has a search field and shows no counts

/** The store picker with the list of the stores, which opens at once. */
export function StoreList({ tenant, stores, value, onChange }: StorePickerProps) {
  const [search, setSearch] = useState('');
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setSearch('');
    },
    onDropdownOpen: () => combobox.updateSelectedOptionIndex('active'),
  });
  const button = useRef<HTMLButtonElement>(null);
  useOpenedByPress(button, combobox.openDropdown);
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
        <StoreButton ref={button} stores={stores} value={value} onClick={() => combobox.toggleDropdown()} />
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

// The count is requested while the dropdown is open, and cached for 30 seconds.
function Users({ tenant, store }: { tenant: string; store: string }) {
  const { data } = useUserCount(tenant, { store, filter: null, search: '' });
  return <span className={classes.count}>{data === undefined ? '' : countWords(data)}</span>;
}
