import { Combobox, UnstyledButton, useCombobox } from '@mantine/core';
import { IconCheck, IconSelector } from '@tabler/icons-react';
import { useMatchRoute, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { tenantName, useMe } from '@/api/me';
import { Mark } from '@/shared/ui/brand';
import { initials, roleNames } from './initials';
import classes from './tenant-switch.module.css';

interface Props {
  tenant: string;
  /** Without a border, next to the logo: for the header of narrow screens. */
  plain?: boolean;
  onChosen?: (() => void) | undefined;
}

/** Shows the current tenant and switches to another one, on the same page. */
export function TenantSwitch({ tenant, plain = false, onChosen }: Props) {
  const { data: me } = useMe();
  const navigate = useNavigate();
  const matches = useMatchRoute();
  const box = useCombobox({ onDropdownClose: () => box.resetSelectedOption() });
  const [near, setNear] = useState(false); // whether the button has had the focus or the pointer
  const name = tenantName(me, tenant);

  const choose = (to: string) => {
    box.closeDropdown();
    onChosen?.();
    if (matches({ to: '/t/$tenant', params: { tenant: to }, fuzzy: true })) return;
    const page = matches({ to: '/t/$tenant/exports', fuzzy: true }) ? 'exports' : 'users';
    void navigate({ to: `/t/$tenant/${page}`, params: { tenant: to } });
  };
  return (
    <Combobox
      store={box}
      onOptionSubmit={choose}
      withinPortal={false}
      width={plain ? 240 : 'target'}
      // The closed list is not part of the first rendering. It is there when a click or a key opens it.
      keepMounted={near}
    >
      <Combobox.Target targetType="button" withAriaAttributes>
        <UnstyledButton
          className={plain ? classes.plain : classes.switch}
          aria-label={`Tenant: ${name}`}
          onFocus={() => setNear(true)}
          onPointerEnter={() => setNear(true)}
          onClick={() => {
            box.toggleDropdown();
            box.selectActiveOption();
          }}
        >
          {plain ? (
            <Mark size={20} />
          ) : (
            <span className={classes.square} aria-hidden="true">
              {initials(name)}
            </span>
          )}
          <span className={classes.name} dir="auto">
            {name}
          </span>
          <IconSelector size={16} stroke={1.75} aria-hidden />
        </UnstyledButton>
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
