import { SegmentedControl } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { SelectField } from '@/shared/ui/select-field';
import { type StatusChoice, statusChoices } from './status-filter';

interface Props {
  value: StatusChoice;
  onChange: (value: string) => void;
}

/** Chooses the statuses to show: all choices side by side where there is room, else a list. */
export function StatusControl({ value, onChange }: Props) {
  const wide = useMediaQuery('(min-width: 1100px)', true) ?? true;
  const data = statusChoices.map(({ value: one, label }) => ({ value: one, label }));
  if (wide) {
    return (
      <SegmentedControl
        aria-label="Show"
        withItemsBorders={false}
        data={data}
        value={value.value}
        onChange={onChange}
      />
    );
  }
  return (
    <SelectField
      aria-label="Show"
      data={data}
      value={value.value}
      allowDeselect={false}
      onChange={(next) => onChange(next ?? 'all')}
    />
  );
}
