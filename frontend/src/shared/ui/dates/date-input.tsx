import { TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import { useLoadedByPress } from '../use-loaded-by-press';
import type { ValueProps } from '../value-props';
import type { CalendarProps } from './calendar';
import { CalendarButton } from './calendar-button';
import { dateText } from './date-text';
import { readDate } from './typed-date';

const loadCalendar = async () => (await import('./calendar')).Calendar;

interface Props extends ValueProps {
  type: 'date' | 'datetime';
}

/** An input for a date or a date and time in UTC, typed or picked. Text that cannot be parsed is kept and reported. */
export function DateInput({ type, value, onChange, ...props }: Props) {
  const [typed, setTyped] = useState<string | null>(null); // the text while the input has the focus
  const input = useRef<HTMLInputElement>(null);
  return (
    <TextInput
      {...props}
      ref={input}
      autoComplete="off"
      value={typed ?? dateText(type, value)}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        onChange(readDate(type, currentTarget.value) ?? currentTarget.value);
      }}
      onBlur={() => setTyped(null)}
      rightSection={
        <PickDate
          type={type}
          value={value}
          onChange={onChange}
          label={`${props['aria-label']}: pick a date`}
          onDone={() => input.current?.focus()}
        />
      }
    />
  );
}

function PickDate(props: CalendarProps) {
  const [Calendar, press] = useLoadedByPress(loadCalendar, 'The calendar');
  if (Calendar) return <Calendar {...props} />;
  return <CalendarButton aria-label={props.label} aria-haspopup="dialog" {...press(undefined)} />;
}
