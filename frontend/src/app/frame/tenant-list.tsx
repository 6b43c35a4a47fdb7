import { Combobox, useCombobox } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useMatchRoute, useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';
import { tenantName, useMe } from '@/api/me';
import { useOpenedByPress } from '@/shared/ui/use-loaded-by-press';
import { initials, roleNames } from './initials';
import { TenantButton } from './tenant-button';
import classes from './tenant-switch.module.css';

/** The props of the tenant switch. */
export interface TenantListProps {
  tenant: string;
  /** Without a border, next to the logo: for the header of narrow screens. */
  plain?: boolean;
  onChosen?: (() => void) | undefined;
}

/** The tenant switch with the list of the admin's tenants, which opens at once. */
export function TenantList({ tenant, plain = false, onChosen }: TenantListProps) {
  const { data: me } = useMe();
  const navigate = useNavigate();
  const matches = useMatchRoute();
  const box = useCombobox({ onDropdownClose: () => box.resetSelectedOption() });
  const button = useRef<HTMLButtonElement>(null);
  const open = () => {
    box.openDropdown();
    box.selectActiveOption();
  };
  useOpenedByPress(button, open);

  const choose = (to: string) => {
    box.closeDropdown();
    onChosen?.();
    if (matches({ to: '/t/$tenant', params: { tenant: to }, fuzzy: true })) return;
    const page = matches({ to: '/t/$tenant/exports', fuzzy: true }) ? 'exports' : 'users';
    void navigate({ to: `/t/$tenant/${page}`, params: { tenant: to } });
  };
  return (
    <Combobox store={box} onOptionSubmit={choose} withinPortal={false} width={plain ? 240 : 'target'}>
      <Combobox.Target targetType="button" withAriaAttributes>
        <TenantButton
          ref={button}
          name={tenantName(me, tenant)}
          plain={plain}
          onClick={() => (box.dropdownOpened ? box.closeDropdown() : open())}
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options aria-label="Tenants" mah={320} className={classes.options}>
          {me?.tenants.map(({ id, name: title, role }) => (
            <Combobox.Option key={id} value={id} active={id === tenant} className={classes.option ?? ''}>
              <span className={classes.square} aria-hidden="true">
                {initials(title)}
              </span>
              <span className={classes.name} dir="auto">
                {title}
                <small>{roleNames[role]}</small>
              </span>
              {id === tenant && <IconCheck size={16} stroke={1.75} aria-hidden />}
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
