import { Kbd, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { isModalOpen, isTypedInto } from '@/shared/ui/keys';
import classes from './filter-row.module.css';

interface Props {
  /** The current search of the list. */
  value: string;
  /** `replace` replaces the history entry: for each further letter of the same search. */
  onSearch: (text: string, replace: boolean) => void;
}

const pause = 300; // ms without a key press before the list is reloaded

/** Searches email, name or id. `/` focuses the field from anywhere on the page, Escape clears it. */
export function SearchField({ value, onSearch }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const sent = useRef(value);
  const typing = useRef(false);
  useSlash(field);

  // The address changed from outside the field: by Back, a link or "Clear search". Unsent input is kept otherwise.
  useEffect(() => {
    if (value === sent.current) return;
    sent.current = value;
    typing.current = false;
    setText(value);
  }, [value]);

  const send = (next: string) => {
    const trimmed = next.trim();
    if (trimmed === sent.current) return;
    sent.current = trimmed;
    onSearch(trimmed, typing.current);
    typing.current = true;
  };
  const later = useDebouncedCallback(send, pause);
  const change = (next: string) => {
    setText(next);
    later(next);
  };
  const now = (next: string) => {
    later.cancel();
    setText(next);
    send(next);
  };
  return (
    <TextInput
      ref={field}
      type="search"
      className={classes.search ?? ''}
      aria-label="Search email, name or ID"
      aria-keyshortcuts="/"
      placeholder="Search email, name or ID"
      maxLength={256}
      autoComplete="off"
      spellCheck={false}
      value={text}
      leftSection={<IconSearch size={16} stroke={1.75} />}
      rightSection={text ? null : <Kbd className={classes.key ?? ''}>/</Kbd>}
      rightSectionWidth={38}
      rightSectionPointerEvents="none"
      onChange={({ currentTarget }) => change(currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') now(text);
        if (event.key === 'Escape' && text) {
          event.preventDefault();
          now('');
        }
      }}
      onBlur={() => {
        typing.current = false;
      }}
    />
  );
}

// Compares the character, not the key: on some keyboard layouts "/" needs Shift.
function useSlash(field: React.RefObject<HTMLInputElement | null>) {
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const { key, ctrlKey, metaKey, altKey, defaultPrevented } = event;
      if (key !== '/' || ctrlKey || metaKey || altKey || defaultPrevented || isTypedInto(event) || isModalOpen())
        return;
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    };
    document.addEventListener('keydown', focus);
    return () => document.removeEventListener('keydown', focus);
  }, [field]);
}
