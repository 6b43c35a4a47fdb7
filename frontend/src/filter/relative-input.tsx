import { Select, TextInput } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import type { ValueProps } from '@/shared/ui/value-props';
import { isUnit, splitDistance, units } from './relative';
import classes from './rule-editor.module.css';

const options = Object.entries(units).map(([value, name]) => ({ value, label: `${name}s` }));

/** Inputs for a distance from now: a number and a unit. */
export function RelativeInput({ value, onChange, ...props }: ValueProps) {
  const { count, unit } = splitDistance(value);
  return (
    <div className={classes.bounds}>
      <TextInput
        {...props}
        inputMode="numeric"
        autoComplete="off"
        value={count}
        onChange={({ currentTarget }) => onChange(`${currentTarget.value.trim()}${unit}`)}
      />
      <Select
        aria-label="Unit"
        data={options}
        value={unit}
        onChange={(chosen) => chosen && isUnit(chosen) && onChange(`${count}${chosen}`)}
        searchable
        selectFirstOptionOnChange
        openOnFocus={false}
        allowDeselect={false}
        rightSection={<IconChevronDown size={15} stroke={1.75} aria-hidden />}
      />
    </div>
  );
}
