import { Button, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconChevronDown, IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { DayInput } from '@/filter/day-input';
import classes from './exports-filter.module.css';

/** The values of the filter; "" for none. */
export interface Chosen {
  search: string;
  /** `all`, `me` or an email address. */
  requester: string;
  from: string;
  to: string;
}

interface Props {
  value: Chosen;
  /** The email addresses of requesters to offer. */
  requesters: readonly string[];
  /** `replace` replaces the history entry: for each further letter of the same search. */
  onChange: (next: Partial<Chosen>, replace: boolean) => void;
  /** Null without a filter. */
  onClear: (() => void) | null;
}

const pause = 300; // ms without a key press before the list is reloaded

/** Filters the exports by text, requester and days. */
export function ExportsFilter({ value, requesters, onChange, onClear }: Props) {
  const [text, setText] = useState(value.search);
  const later = useDebouncedCallback((search: string) => onChange({ search: search.trim() }, true), pause);
  // The address changed from outside the field: by Back, a link or Clear.
  useEffect(() => setText(value.search), [value.search]);
  const own = new Set(['all', 'me', ...requesters, value.requester]);
  return (
    <search className={classes.filter}>
      <TextInput
        type="search"
        className={classes.search ?? ''}
        aria-label="Search words, file name or ID"
        placeholder="Search words, file name or ID"
        maxLength={200}
        autoComplete="off"
        spellCheck={false}
        value={text}
        leftSection={<IconSearch size={16} stroke={1.75} aria-hidden />}
        onChange={({ currentTarget }) => {
          setText(currentTarget.value);
          later(currentTarget.value);
        }}
      />
      <Select
        aria-label="Requested by"
        className={classes.requester ?? ''}
        searchable
        data={[...own].map((one) => ({ value: one, label: names[one] ?? one }))}
        value={value.requester}
        allowDeselect={false}
        rightSection={<IconChevronDown size={15} stroke={1.75} aria-hidden />}
        onChange={(requester) => onChange({ requester: requester ?? 'all' }, false)}
      />
      <DayInput label="From" value={value.from} onChange={(from) => onChange({ from }, false)} />
      <DayInput label="To" value={value.to} onChange={(to) => onChange({ to }, false)} />
      {onClear && (
        <Button variant="subtle" onClick={onClear}>
          Clear
        </Button>
      )}
    </search>
  );
}

const names: Record<string, string> = { all: 'Everyone', me: 'Only me' };
