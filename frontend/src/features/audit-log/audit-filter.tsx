import { Button, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconChevronDown, IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { DayInput } from '@/filter/day-input';
import { groups } from './actions';
import classes from './audit-log.module.css';

/** The values of the filter; "" for none. */
export interface Chosen {
  what: string;
  search: string;
  from: string;
  to: string;
}

interface Props {
  value: Chosen;
  /** `replace` replaces the history entry: for each further letter of the same search. */
  onChange: (next: Partial<Chosen>, replace: boolean) => void;
  /** Null without a filter. */
  onClear: (() => void) | null;
}

const pause = 300; // ms without a key press before the list is reloaded
const kinds = Object.entries(groups).map(([value, { title }]) => ({ value, label: title }));

/** Filters the audit log by text, kind and days. */
export function AuditFilter({ value, onChange, onClear }: Props) {
  const [text, setText] = useState(value.search);
  const later = useDebouncedCallback((search: string) => onChange({ search: search.trim() }, true), pause);
  // The address changed from outside the field: by Back, a link or Clear.
  useEffect(() => setText(value.search), [value.search]);
  return (
    <search className={classes.filter}>
      <TextInput
        type="search"
        className={classes.search ?? ''}
        aria-label="Search email, text or ID"
        placeholder="Search email, text or ID"
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
        aria-label="Action"
        placeholder="All actions"
        data={kinds}
        value={value.what || null}
        clearable
        rightSection={value.what ? undefined : <IconChevronDown size={15} stroke={1.75} aria-hidden />}
        onChange={(what) => onChange({ what: what ?? '' }, false)}
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
