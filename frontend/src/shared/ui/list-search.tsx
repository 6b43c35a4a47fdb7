import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';

interface Props {
  /** The placeholder, which is also the accessible name: "Search email, text or ID". */
  label: string;
  value: string;
  /** Called after a pause in typing, with the text without spaces around it. */
  onChange: (search: string) => void;
  className?: string | undefined;
}

const pause = 300; // ms without a key press before the list is reloaded

/** The search field of a list whose server searches. */
export function ListSearch({ label, value, onChange, className = '' }: Props) {
  const [text, setText] = useState(value);
  const later = useDebouncedCallback((search: string) => onChange(search.trim()), pause);
  // The address changed from outside the field: by Back, a link or Clear.
  useEffect(() => setText(value), [value]);
  return (
    <TextInput
      type="search"
      className={className}
      aria-label={label}
      placeholder={label}
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
  );
}
