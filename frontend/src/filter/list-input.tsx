import { TagsInput } from '@mantine/core';
import { useState } from 'react';
import { readDate } from '@/shared/ui/dates/typed-date';
import type { FilterField } from './fields';

interface Props {
  'aria-label': string;
  field: FilterField;
  values: readonly string[];
  onChange: (values: string[]) => void;
  error?: string;
  errorProps?: { hidden: boolean };
  'data-autofocus'?: true | undefined;
}

/** An input for several values. Enter takes the suggestion that is highlighted, else the typed text. */
export function ListInput({ field, values, onChange, ...props }: Props) {
  const [opened, setOpened] = useState(false); // Mantine opens the suggestions on focus only, or by an arrow key
  const labels = new Map(field.options.map((option) => [option.value, option.label]));
  const read = (text: string) =>
    field.type === 'date' || field.type === 'datetime' ? (readDate(field.type, text) ?? text) : optionOf(field, text);
  return (
    <TagsInput
      {...props}
      placeholder={values.length > 0 ? undefined : 'Add values'}
      value={[...values]}
      data={[...labels.keys()]}
      onChange={(list) => onChange(list.map(read))}
      filter={({ search, limit }) =>
        field.options
          .filter(({ value, label }) => `${value} ${label}`.toLowerCase().includes(search.trim().toLowerCase()))
          .slice(0, limit)
      }
      renderOption={({ option }) => {
        const label = labels.get(option.value);
        return label && label !== option.value ? `${option.value} ${label}` : option.value;
      }}
      limit={300}
      selectFirstOptionOnChange={labels.size > 0}
      openOnFocus={false}
      dropdownOpened={opened}
      onDropdownOpen={() => setOpened(true)}
      onDropdownClose={() => setOpened(false)}
      onSearchChange={(text) => setOpened(text !== '')}
    />
  );
}

/** Returns the option that a typed text begins, by its value or label; the text if none does. */
function optionOf({ options }: FilterField, text: string): string {
  const typed = text.trim().toLowerCase();
  const same = options.find(({ value }) => value.toLowerCase() === typed);
  const begun = options.find(({ value, label }) => [value, label].some((of) => of.toLowerCase().startsWith(typed)));
  return (same ?? begun)?.value ?? text;
}
