import { Button, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconChevronDown, IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import classes from './audit-log.module.css';
import { groups } from './words';

/** What is chosen; "" where nothing is. */
export interface Chosen {
  what: string;
  search: string;
  from: string;
  to: string;
}

interface Props {
  value: Chosen;
  /** `replace`: a letter more of the same search, no step of its own in the history. */
  onChange: (next: Partial<Chosen>, replace: boolean) => void;
  /** Null where nothing is chosen. */
  onClear: (() => void) | null;
}

const pause = 300; // ms without a key before the list follows
const kinds = Object.entries(groups).map(([value, { title }]) => ({ value, label: title }));

/** Narrows the log: by words, by kind, by days. */
export function AuditFilter({ value, onChange, onClear }: Props) {
  const [text, setText] = useState(value.search);
  const later = useDebouncedCallback((search: string) => onChange({ search: search.trim() }, true), pause);
  // Back, a link or Clear: the address changed by itself.
  useEffect(() => setText(value.search), [value.search]);
  return (
    <search className={classes.filter}>
      <TextInput
        type="search"
        className={classes.search ?? ''}
        aria-label="Search e-mail, words or id"
        placeholder="Search e-mail, words or id"
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
        aria-label="What"
        placeholder="Everything"
        data={kinds}
        value={value.what || null}
        clearable
        rightSection={value.what ? undefined : <IconChevronDown size={15} stroke={1.75} aria-hidden />}
        onChange={(what) => onChange({ what: what ?? '' }, false)}
      />
      <TextInput
        type="date"
        aria-label="From"
        value={value.from}
        onChange={({ currentTarget }) => onChange({ from: currentTarget.value }, false)}
      />
      <TextInput
        type="date"
        aria-label="To"
        value={value.to}
        onChange={({ currentTarget }) => onChange({ to: currentTarget.value }, false)}
      />
      {onClear && (
        <Button variant="subtle" onClick={onClear}>
          Clear
        </Button>
      )}
    </search>
  );
}
